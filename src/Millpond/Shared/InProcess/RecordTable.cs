using Millpond.Runtime;

namespace Millpond.Shared.InProcess;

/// <summary>
/// The records of a partition. Dead ones go when they are met, and each addition also looks at <see cref="SweepStep"/> others in turn, so that
/// the dead never outnumber the living for long however the keys drift. The one to evict is the least recently read of a few drawn at random,
/// which needs no list that every read would have to reorder. Enumeration follows the list, never the dictionary, so a seed replays.
/// </summary>
internal sealed class RecordTable(Ledger ledger)
{
    /// <summary>More than one, so that the sweep goes round faster than additions fill the table.</summary>
    private const int SweepStep = 2;

    /// <summary>Five comes within a few per cent of true LRU on Zipf loads (Redis measured it for the same purpose).</summary>
    private const int SampleSize = 5;

    private readonly Dictionary<string, StoredRecord> _byKey = new(StringComparer.Ordinal);
    private readonly List<StoredRecord> _all = [];
    private int _hand;

    public int Count => _all.Count;

    public IReadOnlyList<StoredRecord> All => _all;

    public StoredRecord? Find(string key, long now)
    {
        if (!_byKey.TryGetValue(key, out StoredRecord? record))
            return null;
        return RemoveIfOver(record, now) ? null : record;
    }

    public StoredRecord FindOrAdd(string key, long now)
    {
        if (Find(key, now) is { } known)
            return known;
        Sweep(now);
        var record = new StoredRecord(key, ledger);
        Add(record);
        return record;
    }

    public void Add(StoredRecord record)
    {
        record.Index = _all.Count;
        _all.Add(record);
        _byKey[record.Key] = record;
        ledger.Add(record.Weight);
    }

    public void Remove(StoredRecord record)
    {
        StoredRecord last = _all[^1];
        _all[record.Index] = last;
        last.Index = record.Index;
        _all.RemoveAt(_all.Count - 1);
        _byKey.Remove(record.Key);
        ledger.Add(-record.Weight);
    }

    /// <summary>A victim, or null if the table is empty.</summary>
    public StoredRecord? Sample(Surroundings surroundings)
    {
        StoredRecord? oldest = null;
        for (int drawn = 0; drawn < SampleSize && _all.Count > 0; drawn++)
        {
            StoredRecord candidate = _all[(int)(surroundings.NextDouble() * _all.Count)];
            if (oldest is null || candidate.ReadAt < oldest.ReadAt)
                oldest = candidate;
        }

        return oldest;
    }

    private void Sweep(long now)
    {
        for (int step = 0; step < SweepStep && _all.Count > 0; step++)
        {
            if (_hand >= _all.Count)
                _hand = 0;
            // A removal moves the last record to this place, so the hand stays to look at it next.
            if (!RemoveIfOver(_all[_hand], now))
                _hand++;
        }
    }

    private bool RemoveIfOver(StoredRecord record, long now)
    {
        record.DropWhatIsOver(now);
        if (!record.IsEmpty)
            return false;
        Remove(record);
        return true;
    }
}
