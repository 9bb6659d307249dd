namespace Millpond;

/// <summary>
/// A keyspace whose every entry belongs to a tenant. It has no method that takes a key, so the tenant cannot be forgotten: name the
/// tenant, and use the keyspace you get.
/// </summary>
/// <typeparam name="TKey">The key's type.</typeparam>
/// <typeparam name="TValue">The value's type.</typeparam>
public interface ITenantKeyspace<TKey, TValue>
    where TKey : notnull
{
    /// <summary>The keyspace's name as declared.</summary>
    string Name { get; }

    /// <summary>The entries of one tenant. Cheap; keep it or ask each time. Tags are the tenant's own: one tenant's tag does not touch another's.</summary>
    /// <param name="tenant">The tenant; 1 to 128 bytes of UTF-8 without control characters (MP1101, MP1102).</param>
    IKeyspace<TKey, TValue> ForTenant(string tenant);

    /// <summary>Invalidates every entry of one tenant in one step.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancellationToken">Ends this caller's wait; the change itself goes on.</param>
    ValueTask InvalidateTenantAsync(string tenant, CancellationToken cancellationToken = default);

    /// <summary>Invalidates every entry of every tenant in one step.</summary>
    /// <param name="cancellationToken">Ends this caller's wait; the change itself goes on.</param>
    ValueTask InvalidateAllAsync(CancellationToken cancellationToken = default);
}
