using System.Text;

namespace Millpond.Journals;

/// <summary>
/// What a journal of one process holds for the source, in memory: records in order, each key's newest state, dead letters. Bounded by whoever appends. Not for concurrent use: its journal has a gate.
/// </summary>
internal sealed class Backlog
{
    private readonly Queue<JournalRecord> _records = new();
    private readonly Dictionary<string, JournalRecord> _newest = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, DeadLetter> _dead = [];
    private readonly Dictionary<string, int> _deadOf = new(StringComparer.Ordinal);
    private long _bytes;
    private long _deadAhead;

    /// <summary>Told of each record that is settled, in order, with why it was a dead letter.</summary>
    public Action<JournalRecord, Settlement, string>? Settled { get; init; }

    /// <summary>The highest position that was ever given.</summary>
    public long Last { get; private set; }

    public long Acknowledged { get; private set; }

    public IEnumerable<DeadLetter> Dead => _dead.Values;

    public JournalDepth Depth => new()
    {
        Records = _records.Count - _deadAhead,
        Bytes = _bytes,
        OldestAt = _records.Count > _deadAhead ? _records.Peek().WrittenAt : null,
        DeadLetters = _dead.Count,
    };

    public static int BytesOf(string key, ReadOnlyMemory<byte> value) => Encoding.UTF8.GetByteCount(key) + value.Length;

    public void Add(JournalRecord record)
    {
        Last = record.Position;
        _records.Enqueue(record);
        _bytes += BytesOf(record.Key, record.Value);
        if (record.Kind != JournalKind.Increment)
        {
            _newest[record.Key] = record;
        }
    }

    /// <summary>Takes over where a journal stood whose older records are gone.</summary>
    public void StartAt(long last, long acknowledged)
    {
        Last = Math.Max(Last, last);
        Acknowledge(acknowledged);
    }

    /// <summary>Whether there is something to read after a position.</summary>
    public bool HasAfter(long after) => Last > after && _records.Any(record => record.Position > after && !_dead.ContainsKey(record.Position));

    public JournalRecord? Find(string key) => _newest.GetValueOrDefault(key);

    public IReadOnlyList<DeadLetter> ReadDead(long after, int lettersMax) => [.. _dead.Values.Where(letter => letter.Record.Position > after).Take(lettersMax)];

    public List<JournalRecord> Read(long after, int recordsMax)
    {
        var found = new List<JournalRecord>(Math.Min(recordsMax, _records.Count));
        foreach (var record in _records)
        {
            if (found.Count == recordsMax)
            {
                break;
            }

            if (record.Position > after && !_dead.ContainsKey(record.Position))
            {
                found.Add(record);
            }
        }

        return found;
    }

    public void Acknowledge(long through)
    {
        Acknowledged = Math.Max(Acknowledged, Math.Min(through, Last));
        while (_records.TryPeek(out var record) && record.Position <= Acknowledged)
        {
            _records.Dequeue();
            if (_dead.ContainsKey(record.Position))
            {
                _deadAhead--;
                continue;
            }

            Forget(record);
            Settled?.Invoke(record, Settlement.Applied, "");
        }
    }

    public void Bury(DeadLetter letter)
    {
        if (_dead.TryAdd(letter.Record.Position, letter))
        {
            _deadOf[letter.Record.Key] = _deadOf.GetValueOrDefault(letter.Record.Key) + 1;
            if (letter.Record.Position > Acknowledged)
            {
                _deadAhead++;
                return;
            }

            // Known from its letter alone: its place in the order is gone.
            _bytes += BytesOf(letter.Record.Key, letter.Record.Value);
            if (letter.Record.Kind != JournalKind.Increment && (Find(letter.Record.Key)?.Position ?? 0) < letter.Record.Position)
            {
                _newest[letter.Record.Key] = letter.Record;
            }
        }
    }

    public void Remove(string key, long through, Settlement settlement)
    {
        if (!_deadOf.ContainsKey(key))
        {
            return;
        }

        foreach (var letter in _dead.Values.Where(letter => letter.Record.Key == key && letter.Record.Position <= through).ToArray())
        {
            _dead.Remove(letter.Record.Position);
            if (--_deadOf[key] == 0)
            {
                _deadOf.Remove(key);
            }

            if (letter.Record.Position > Acknowledged)
            {
                // Still in its place, where it would be read again.
                Drop(letter.Record.Position);
                _deadAhead--;
            }

            Forget(letter.Record);
            Settled?.Invoke(letter.Record, settlement, letter.Reason);
        }
    }

    private void Drop(long position)
    {
        var kept = _records.Where(record => record.Position != position).ToArray();
        _records.Clear();
        foreach (var record in kept)
        {
            _records.Enqueue(record);
        }
    }

    private void Forget(JournalRecord record)
    {
        _bytes -= BytesOf(record.Key, record.Value);
        if (_newest.TryGetValue(record.Key, out var newest) && newest.Position == record.Position)
        {
            _newest.Remove(record.Key);
        }
    }
}
