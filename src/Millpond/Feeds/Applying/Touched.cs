using Millpond.Shared;

namespace Millpond.Feeds.Applying;

/// <summary>What some row changes touch in one keyspace: keys and scopes, or, past a limit, all of it. It only grows, so it is bounded whatever comes.</summary>
internal abstract class Touched
{
    // Past this, changing the keyspace costs everybody less than naming what changed: the other keyspaces of the feed wait behind it.
    public const int ChangesMax = 50_000;

    protected HashSet<string> Scopes { get; } = new(StringComparer.Ordinal);

    public bool IsAll { get; private set; }

    public bool IsDoubted { get; private set; }

    protected abstract int Keys { get; }

    public int Count => IsAll ? 1 : Keys + Scopes.Count + (IsDoubted ? 1 : 0);

    public void AddScope(string scope)
    {
        if (!IsAll && Scopes.Add(scope))
        {
            Bound();
        }
    }

    public void AddAll()
    {
        IsAll = true;
        Scopes.Clear();
        ForgetKeys();
    }

    public void AddDoubt() => IsDoubted = true;

    public void Add(Touched other)
    {
        IsDoubted |= other.IsDoubted;
        if (other.IsAll)
        {
            AddAll();
        }
        else if (!IsAll)
        {
            Scopes.UnionWith(other.Scopes);
            AddKeys(other);
            Bound();
        }
    }

    /// <summary>Everything but keys, as the shared tier is told it.</summary>
    public IReadOnlyList<Change> Wide()
    {
        List<Change> changes = [.. Scopes.Select(Change.OfScope)];
        if (IsAll)
        {
            changes.Add(Change.OfKeyspace());
        }

        if (IsDoubted)
        {
            changes.Add(Change.OfScope(Scope.Doubt));
        }

        return changes;
    }

    protected void Bound()
    {
        if (Keys + Scopes.Count > ChangesMax)
        {
            AddAll();
        }
    }

    protected abstract void AddKeys(Touched other);

    protected abstract void ForgetKeys();
}

/// <summary>The same with the keys' type.</summary>
internal sealed class Touched<TKey> : Touched
    where TKey : notnull
{
    private readonly HashSet<TKey> _keys = [];

    public IReadOnlyCollection<TKey> All => _keys;

    protected override int Keys => _keys.Count;

    public void AddKey(TKey key)
    {
        if (!IsAll && _keys.Add(key))
        {
            Bound();
        }
    }

    protected override void AddKeys(Touched other) => _keys.UnionWith(((Touched<TKey>)other)._keys);

    protected override void ForgetKeys() => _keys.Clear();
}
