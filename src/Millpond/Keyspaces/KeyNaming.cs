using System.Diagnostics.CodeAnalysis;
using Millpond.Keys;
using Millpond.Shared;

namespace Millpond.Keyspaces;

/// <summary>Between a keyspace's keys and their names in the shared tier, both ways, and the scopes that a key carries by itself.</summary>
internal abstract class KeyNaming<TKey>
    where TKey : notnull
{
    /// <summary>The key's text, validated.</summary>
    public abstract string Text(TKey key, int keyBytesMax);

    /// <summary>The key of a text that another process may have written.</summary>
    public abstract bool TryRead(string text, [MaybeNullWhen(false)] out TKey key);

    /// <summary>The key of a text that names the tenant apart, if there are tenants.</summary>
    public abstract bool TryRead(string? tenant, string text, [MaybeNullWhen(false)] out TKey key);

    /// <summary>What a key is within its tenant, for people.</summary>
    public virtual Type KeyType => typeof(TKey);

    public virtual bool HasTenants => false;

    /// <summary>The scopes of the entry whatever its value: its tenant, or none.</summary>
    public abstract string[] ScopesOf(TKey key);

    /// <summary>Whose key it is; null where there are no tenants.</summary>
    public virtual string? TenantOf(TKey key) => null;

    /// <summary>The scope of a tag on this key's entry; a tenant's tags are its own.</summary>
    public abstract string TagScope(TKey key, string tag);

    /// <summary>The same of a tenant's tag, where there are tenants, and of a keyspace's, where there are none.</summary>
    public abstract string TagScope(string? tenant, string tag);
}

/// <summary>Keys without a tenant.</summary>
internal sealed class PlainNaming<TKey>(KeyText<TKey> keys, string keyspace) : KeyNaming<TKey>
    where TKey : notnull
{
    public override string Text(TKey key, int keyBytesMax) => keys.Text(key, null, keyBytesMax);

    public override bool TryRead(string text, [MaybeNullWhen(false)] out TKey key) => keys.TryRead(text, out key);

    public override bool TryRead(string? tenant, string text, [MaybeNullWhen(false)] out TKey key) => keys.TryRead(text, out key);

    public override string[] ScopesOf(TKey key) => [];

    public override string TagScope(TKey key, string tag) => TagScope(null, tag);

    public override string TagScope(string? tenant, string tag)
    {
        KeyRules.CheckTag(tag, keyspace);
        return Scope.Tag(tag);
    }
}

/// <summary>Keys with a tenant in front.</summary>
internal sealed class TenantNaming<TKey>(KeyText<TKey> keys, string keyspace) : KeyNaming<TenantKey<TKey>>
    where TKey : notnull
{
    public override string Text(TenantKey<TKey> key, int keyBytesMax) => keys.Text(key.Key, key.Tenant, keyBytesMax);

    public override bool TryRead(string text, out TenantKey<TKey> key)
    {
        if (keys.TryRead(text, out var tenant, out var inner))
        {
            key = new(tenant, inner);
            return true;
        }

        key = default;
        return false;
    }

    public override bool TryRead(string? tenant, string text, out TenantKey<TKey> key)
    {
        var isKey = keys.TryRead(text, out var inner);
        key = isKey ? new(tenant!, inner!) : default;
        return isKey;
    }

    public override Type KeyType => typeof(TKey);

    public override bool HasTenants => true;

    public override string[] ScopesOf(TenantKey<TKey> key) => [Scope.Tenant(key.Tenant)];

    public override string? TenantOf(TenantKey<TKey> key) => key.Tenant;

    public override string TagScope(TenantKey<TKey> key, string tag) => TagScope(key.Tenant, tag, keyspace);

    public override string TagScope(string? tenant, string tag) => TagScope(tenant!, tag, keyspace);

    /// <summary>The tenant's length comes first, so that no choice of tenant and tag reads as another one.</summary>
    public static string TagScope(string tenant, string tag, string keyspace)
    {
        KeyRules.CheckTag(tag, keyspace);
        return Scope.Tag($"{tenant.Length}@{tenant}#{tag}");
    }
}
