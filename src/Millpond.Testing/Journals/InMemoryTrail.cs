using Millpond.Journals;

namespace Millpond.Testing.Journals;

/// <summary>What journals in memory keep of what is settled. Written under the store's gate.</summary>
internal sealed class InMemoryTrail(InMemoryJournalStore store, TimeProvider time) : IJournalTrail
{
    private readonly Queue<TrailRecord> _records = new();
    private long _bytes;
    private DateTimeOffset _last = DateTimeOffset.UnixEpoch;
    private DateTimeOffset? _completeSince;

    public TrailOptions Options => store.Trail!;

    public void Settled(JournalRecord record, Settlement settlement, string reason)
    {
        // Above all before, also where the clock goes back.
        _last = _last < time.GetUtcNow() ? time.GetUtcNow() : _last.AddTicks(1);
        if (store.Trail is null)
        {
            _completeSince = _last;
            return;
        }

        _records.Enqueue(new TrailRecord(record, settlement, _last, reason));
        _bytes += BytesOf(record);
        Prune();
    }

    public ValueTask<TrailPage> ReadAsync(TrailQuery query, CancellationToken cancellationToken)
    {
        query = query.Checked();
        lock (store.Gate)
        {
            var since = query.Since(Options, time.GetUtcNow());
            TrailRecord[] found = [.. _records.Where(one => one.SettledAt >= since && query.Wants(one.Cursor, one.Record.Key)).Take(query.RecordsMax + 1)];
            var page = found[..Math.Min(found.Length, query.RecordsMax)];
            return new(new TrailPage(page, found.Length > page.Length ? page[^1].Cursor : null, _completeSince));
        }
    }

    private void Prune()
    {
        var since = new TrailQuery().Since(Options, time.GetUtcNow());
        while (_records.TryPeek(out var oldest))
        {
            var isOld = oldest.SettledAt < since;
            if (!isOld && _bytes <= Options.BytesMax)
            {
                return;
            }

            _completeSince = isOld ? _completeSince : oldest.SettledAt;
            _bytes -= BytesOf(_records.Dequeue().Record);
        }
    }

    private static long BytesOf(JournalRecord record) => Backlog.BytesOf(record.Key, record.Value) + TrailOptions.RecordBytes;
}
