using System.Diagnostics.CodeAnalysis;
using Millpond.Keys;
using Millpond.Shared;

namespace Millpond.Keyspaces;

/// <summary>A keyspace whose keys have a tenant in front: an ordinary keyspace of <see cref="TenantKey{TKey}"/>, seen through one tenant at a time.</summary>
internal sealed class TenantKeyspace<TKey, TValue>(Keyspace<TenantKey<TKey>, TValue> inner) : ITenantKeyspace<TKey, TValue>
    where TKey : notnull
{
    public string Name => inner.Name;

    public IKeyspace<TKey, TValue> ForTenant(string tenant)
    {
        KeyRules.CheckTenant(tenant, Name);
        return new OneTenant<TKey, TValue>(inner, tenant);
    }

    public ValueTask InvalidateTenantAsync(string tenant, CancellationToken cancellationToken = default)
    {
        KeyRules.CheckTenant(tenant, Name);
        return inner.InvalidateScopeAsync(Scope.Tenant(tenant), cancellationToken);
    }

    public ValueTask InvalidateAllAsync(CancellationToken cancellationToken = default) => inner.InvalidateAllAsync(cancellationToken);
}

/// <summary>One tenant's part of a keyspace.</summary>
internal sealed class OneTenant<TKey, TValue>(Keyspace<TenantKey<TKey>, TValue> inner, string tenant) : IKeyspace<TKey, TValue>
    where TKey : notnull
{
    public string Name => inner.Name;

    public int Version => inner.Version;

    public ValueTask<TValue?> GetAsync(TKey key, CancellationToken cancellationToken = default) => inner.GetAsync(Of(key), cancellationToken);

    public ValueTask<Reading<TValue>> ReadAsync(TKey key, ReadOptions options = default, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(Of(key), options, cancellationToken);

    public async ValueTask<IReadOnlyDictionary<TKey, TValue>> GetManyAsync(IReadOnlyCollection<TKey> keys, ReadOptions options = default, CancellationToken cancellationToken = default)
    {
        var found = await inner.GetManyAsync([.. keys.Select(Of)], options, cancellationToken).ConfigureAwait(false);
        return found.ToDictionary(pair => pair.Key.Key, pair => pair.Value);
    }

    public ValueTask<TValue?> GetOrLoadAsync(TKey key, Loader<TKey, TValue> loader, CancellationToken cancellationToken = default) =>
        inner.GetOrLoadAsync(Of(key), (context, token) => loader(WithoutTenant(context), token), cancellationToken);

    public bool TryPeek(TKey key, [MaybeNullWhen(false)] out TValue value) => inner.TryPeek(Of(key), out value);

    public ValueTask SetAsync(TKey key, TValue value, EntryOptions? options = null, CancellationToken cancellationToken = default) =>
        inner.SetAsync(Of(key), value, options, cancellationToken);

    public ValueTask<WriteTicket<TValue>> BeginWriteAsync(TKey key, CancellationToken cancellationToken = default) => inner.BeginWriteAsync(Of(key), cancellationToken);

    public ValueTask<WriteResult<TValue>> WriteAsync(TKey key, TValue value, EntryOptions? options = null, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(Of(key), value, options, cancellationToken);

    public ValueTask<WriteResult<TValue>> DeleteAsync(TKey key, CancellationToken cancellationToken = default) => inner.DeleteAsync(Of(key), cancellationToken);

    public ValueTask NoteWriteAsync(TKey key, Session session, HomePosition? position = null, CancellationToken cancellationToken = default) =>
        inner.NoteWriteAsync(Of(key), session, position, cancellationToken);

    public ValueTask InvalidateAsync(TKey key, CancellationToken cancellationToken = default) => inner.InvalidateAsync(Of(key), cancellationToken);

    public ValueTask InvalidateManyAsync(IReadOnlyCollection<TKey> keys, CancellationToken cancellationToken = default) =>
        inner.InvalidateManyAsync([.. keys.Select(Of)], cancellationToken);

    public ValueTask InvalidateTagAsync(string tag, CancellationToken cancellationToken = default) =>
        inner.InvalidateScopeAsync(TenantNaming<TKey>.TagScope(tenant, tag, Name), cancellationToken);

    public ValueTask InvalidateAllAsync(CancellationToken cancellationToken = default) => inner.InvalidateScopeAsync(Scope.Tenant(tenant), cancellationToken);

    public IReadOnlyList<HotKey<TKey>> HotKeys() =>
        [.. inner.HotKeys().Where(one => one.Key.Tenant == tenant).Select(one => new HotKey<TKey> { Key = one.Key.Key, ReadsPerSecond = one.ReadsPerSecond, Share = one.Share, IsHot = one.IsHot })];

    public ValueTask<Explanation> ExplainAsync(TKey key, CancellationToken cancellationToken = default) => inner.ExplainAsync(Of(key), cancellationToken);

    private static LoadContext<TKey, TValue> WithoutTenant(LoadContext<TenantKey<TKey>, TValue> context) => new()
    {
        Key = context.Key.Key,
        HasPrevious = context.HasPrevious,
        Previous = context.Previous,
        PreviousVersion = context.PreviousVersion,
        PreviousAge = context.PreviousAge,
    };

    private TenantKey<TKey> Of(TKey key) => new(tenant, key);
}
