namespace Millpond.Shared.InProcess;

/// <summary>
/// The floors of a partition (rule 6): for each scope the sequence of its newest change. Kept in the order of that sequence, so that the oldest
/// is at hand when there are too many: it merges into the keyspace's floor, which makes stale everything that it made stale and some more.
/// A floor is never forgotten, because a record loaded before it could then pass for valid.
/// </summary>
internal sealed class Floors(int countMax)
{
    private readonly Dictionary<string, LinkedListNode<(string Scope, long Sequence)>> _byScope = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Scope, long Sequence)> _oldestFirst = new();

    private Dictionary<string, long>? _published;

    public long Keyspace { get; private set; }

    public long Newest { get; private set; }

    public void Raise(string scope, long sequence)
    {
        Newest = sequence;
        _published = null;
        if (_byScope.Remove(scope, out LinkedListNode<(string, long)>? known))
            _oldestFirst.Remove(known);
        _byScope[scope] = _oldestFirst.AddLast((scope, sequence));
        if (_byScope.Count > countMax)
            MergeOldest();
    }

    /// <summary>The floors of scopes are all lower, so this one stands for them too.</summary>
    public void RaiseKeyspace(long sequence)
    {
        Newest = Keyspace = sequence;
        _published = null;
        _byScope.Clear();
        _oldestFirst.Clear();
    }

    /// <summary>Made once for all who ask between two changes, since heartbeats ask far more often than floors change. Never written to.</summary>
    public IReadOnlyDictionary<string, long> ToDictionary() => 
        _published ??= _oldestFirst.ToDictionary(f => f.Scope, f => f.Sequence, StringComparer.Ordinal);

    public Floors Clone()
    {
        var clone = new Floors(countMax) { Keyspace = Keyspace, Newest = Newest };
        foreach ((string scope, long sequence) in _oldestFirst)
            clone._byScope[scope] = clone._oldestFirst.AddLast((scope, sequence));
        return clone;
    }

    private void MergeOldest()
    {
        (string scope, long sequence) = _oldestFirst.First!.Value;
        _oldestFirst.RemoveFirst();
        _byScope.Remove(scope);
        Keyspace = Math.Max(Keyspace, sequence);
    }
}
