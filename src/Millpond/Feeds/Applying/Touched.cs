using Millpond.Shared;

namespace Millpond.Feeds.Applying;

/// <summary>What some row changes touch in one keyspace: keys and scopes, or, past a limit, all of it. It only grows, so it is bounded whatever comes.</summary>
internal abstract class Touched
{
    // Past this, changing the keyspace costs everybody less than naming what changed: the other keyspaces of the feed wait behind it.
    public const int ChangesMax = 50_000;

    // A set of this size is given back rather than cleared.
    private const int ReusedMax = 1_000;

    private HashSet<string>? _scopes;

    public bool IsAll { get; private set; }

    public bool IsDoubted { get; private set; }

    protected abstract int Keys { get; }

    public int Count => IsAll ? 1 : Keys + ScopesCount + (IsDoubted ? 1 : 0);

    private int ScopesCount => _scopes?.Count ?? 0;

    public void AddScope(string scope)
    {
        if (!IsAll && (_scopes ??= new(StringComparer.Ordinal)).Add(scope))
        {
            Bound();
        }
    }

    public void AddAll()
    {
        IsAll = true;
        _scopes = null;
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
            if (other._scopes is { Count: > 0 } scopes)
            {
                (_scopes ??= new(StringComparer.Ordinal)).UnionWith(scopes);
            }

            AddKeys(other);
            Bound();
        }
    }

    /// <summary>Everything but keys, as the shared tier is told it.</summary>
    public IReadOnlyList<Change> Wide()
    {
        if (!IsAll && !IsDoubted && ScopesCount == 0)
        {
            return [];
        }

        List<Change> changes = [.. (_scopes ?? []).Select(Change.OfScope)];
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

    /// <summary>Makes it empty again; false if it has grown so large that a new one is better.</summary>
    public bool TryClear()
    {
        if (Keys > ReusedMax || ScopesCount > ReusedMax)
        {
            return false;
        }

        (IsAll, IsDoubted) = (false, false);
        _scopes?.Clear();
        ForgetKeys();
        return true;
    }

    protected void Bound()
    {
        if (Keys + ScopesCount > ChangesMax)
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
