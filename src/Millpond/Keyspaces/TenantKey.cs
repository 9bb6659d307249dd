namespace Millpond;

/// <summary>A key with the tenant it belongs to: what a tenant keyspace's loader is given.</summary>
/// <typeparam name="TKey">The key's own type.</typeparam>
/// <param name="Tenant">The tenant.</param>
/// <param name="Key">The key within the tenant.</param>
public readonly record struct TenantKey<TKey>(string Tenant, TKey Key);
