namespace Millpond.Local;

/// <summary>
/// The lineages of one shard's entries, by number: a handful at a time, one for each epoch, partition and time that stale entries are kept. Changed under the shard's lock;
/// read without it, inside a reading of a slot that is then found unchanged, so that a number that has gone to another lineage is never believed.
/// </summary>
internal sealed class Lineages
{
    // Finding one among as many takes a hundred nanoseconds. Entries with times of their own may take half of them; further ones carry their times in full.
    private const int Max = 64;
    private const int OwnTimesMax = Max / 2;

    private readonly Lineage?[] _lineages = new Lineage?[Max];
    private int _last;
    private int _used;

    /// <summary>By number; for readers, who save a step.</summary>
    public Lineage?[] All => _lineages;

    public Lineage this[int number] => _lineages[number]!;

    /// <summary>The entry's lineage, begun if need be, and whether the entry's times have to be carried in full; -1 if it belongs to a kind that there is no room for.</summary>
    public int OfNeedsGate<TValue>(Entry<TValue> entry, long now, out bool isWide)
    {
        isWide = false;
        if (_used > 0 && _lineages[_last]!.IsOf(entry, now))
        {
            return _last;
        }

        var (free, ofItsKind, inUse) = (-1, -1, 0);
        for (var n = 0; n < _used; n++)
        {
            var lineage = _lineages[n]!;
            if (lineage.IsOf(entry, now))
            {
                return _last = n;
            }

            inUse += lineage.Entries > 0 ? 1 : 0;
            free = lineage.Entries == 0 ? n : free;
            ofItsKind = lineage.CanCarry(entry) ? n : ofItsKind;
        }

        if (ofItsKind >= 0 && inUse >= OwnTimesMax)
        {
            isWide = true;
            return ofItsKind;
        }

        free = free < 0 && _used < Max ? _used++ : free;
        if (free >= 0)
        {
            Volatile.Write(ref _lineages[free], Lineage.For(entry, now));
            _last = free;
        }

        return free;
    }
}
