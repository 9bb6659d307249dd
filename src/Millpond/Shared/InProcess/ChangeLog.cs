namespace Millpond.Shared.InProcess;

/// <summary>The newest changes of a partition, in a ring. It knows only an unbroken run that ends at the newest.</summary>
internal sealed class ChangeLog(int countMax)
{
    private readonly Queue<SequencedChange> _changes = new();

    public void Add(in SequencedChange change)
    {
        if (countMax == 0)
            return;
        if (_changes.Count == countMax)
            _changes.Dequeue();
        _changes.Enqueue(change);
    }

    /// <summary>All changes after <paramref name="since"/>, or null where some are forgotten or <paramref name="since"/> never was.</summary>
    public IReadOnlyList<SequencedChange>? Since(long since, long newest)
    {
        if (since < newest - _changes.Count || since > newest)
            return null;
        return [.. _changes.Skip((int)(since - (newest - _changes.Count)))];
    }

    public ChangeLog Clone()
    {
        var clone = new ChangeLog(countMax);
        foreach (SequencedChange change in _changes)
            clone._changes.Enqueue(change);
        return clone;
    }
}
