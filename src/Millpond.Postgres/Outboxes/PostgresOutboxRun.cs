using System.Globalization;
using Millpond.Feeds;
using Millpond.Postgres.Setup;
using Millpond.Runtime;
using Npgsql;

namespace Millpond.Postgres.Outboxes;

/// <summary>One run of whoever has the lock: looks, tells, deletes what is confirmed, and waits for a notice.</summary>
internal sealed class PostgresOutboxRun(
    PostgresOutbox outbox, IFeedSink sink, NpgsqlConnection session, OutboxBeginning begin, PostgresOutboxOptions options, Surroundings surroundings)
{
    // Shows nothing, so every row is new.
    private const string NothingShown = "1:1:";

    // What was told under them waits for the shared tier. Past it the newest are confirmed together, which only makes them wait for each other.
    private const int UnconfirmedMax = 1_000;

    // So that a long backlog is deleted in pieces that each end within the command's time.
    private const int DeletedAtOnce = 10_000;

    private static readonly TimeSpan BeatPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ShapePeriod = TimeSpan.FromSeconds(2);

    // What was not confirmed is told again after a crash and costs a miss, so there is no hurry; but the table should stay small.
    private static readonly TimeSpan ConfirmPeriod = TimeSpan.FromMilliseconds(100);

    // Between looks that find something, so that a busy database is asked some hundred times a second; what comes meanwhile is found together.
    private static readonly TimeSpan GatherPeriod = TimeSpan.FromMilliseconds(2);

    private readonly OutboxReader _reader = new(outbox, sink);
    private readonly List<(long Look, string Snapshot)> _unconfirmed = [];
    private string _seen = NothingShown;
    private string _deletedTo = NothingShown;
    private long _look = begin.Confirmed;
    private long _beatAt = long.MinValue / 2;
    private long _shapeAt = surroundings.Now;
    private long _confirmedAt = surroundings.Now;
    private bool _noticed;

    public async Task FollowAsync(CancellationToken stop)
    {
        session.Notification += (_, _) => _noticed = true;
        if (begin.Doubt is { } doubt)
        {
            var unknown = sink.Begin();
            unknown.Doubt(doubt);
            sink.Commit(unknown, new FeedCommit { Position = new FeedPosition((ulong)_look), IsVisible = true });
        }

        while (true)
        {
            // A notice may also come with the answer to any of our own questions, and then nobody waits for it.
            _noticed = false;
            var lookedAt = surroundings.Now;
            var found = await LookAsync(stop).ConfigureAwait(false);
            await KeepAsync(lookedAt, stop).ConfigureAwait(false);
            if (found)
            {
                await surroundings.Delay(GatherPeriod, stop).ConfigureAwait(false);
            }
            else if (!_noticed)
            {
                await session.WaitAsync(options.PollPeriod, stop).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> LookAsync(CancellationToken stop)
    {
        var transaction = sink.Begin();
        var found = await _reader.ReadAsync(session, _seen, transaction, stop).ConfigureAwait(false);
        if (found.Snapshot is not { } snapshot)
        {
            return false;
        }

        (_look, _seen) = (_look + 1, snapshot);
        if (_unconfirmed.Count == UnconfirmedMax)
        {
            _unconfirmed.RemoveAt(_unconfirmed.Count - 1);
        }

        _unconfirmed.Add((_look, snapshot));
        sink.Commit(transaction, new FeedCommit { Position = new FeedPosition((ulong)_look), At = found.At, IsVisible = true });
        return true;
    }

    private async Task KeepAsync(long lookedAt, CancellationToken stop)
    {
        if (lookedAt - _shapeAt >= ShapePeriod.Ticks)
        {
            _shapeAt = lookedAt;
            if (await new OutboxTable(outbox, session).FileAsync(stop).ConfigureAwait(false) != begin.File)
            {
                throw new InvalidOperationException($"{outbox.Table} was emptied, made anew or rewritten; it is drained anew as it is now.");
            }
        }

        if (lookedAt - _beatAt >= BeatPeriod.Ticks)
        {
            _beatAt = lookedAt;
            sink.Heartbeat(new FeedPosition((ulong)_look), TimeSpan.FromTicks(surroundings.Now - lookedAt));
        }

        if (lookedAt - _confirmedAt >= ConfirmPeriod.Ticks)
        {
            _confirmedAt = lookedAt;
            await ConfirmAsync(stop).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes what the newest confirmed look had seen, which includes what those before it had.</summary>
    private async Task ConfirmAsync(CancellationToken stop)
    {
        var confirmed = sink.Confirmed is { } upTo ? _unconfirmed.FindLastIndex(one => (ulong)one.Look <= upTo.Major) : -1;
        if (confirmed < 0)
        {
            return;
        }

        var done = _unconfirmed[confirmed];
        // Not below what was deleted before: where rows were deleted and not yet swept up, the index has to be walked past them.
        var delete = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            with gone as (delete from {outbox.Table} where (xid, id) in (
                select xid, id from {outbox.Table} where xid >= pg_snapshot_xmin($1::pg_snapshot) and xid < pg_snapshot_xmax($2::pg_snapshot) and pg_visible_in_snapshot(xid, $2::pg_snapshot) limit {DeletedAtOnce}) returning 1)
            select count(*)::text from gone
            """);
        while (await Sql.TextAsync(session, delete, stop, _deletedTo, done.Snapshot).ConfigureAwait(false) is var deleted && int.Parse(deleted, CultureInfo.InvariantCulture) == DeletedAtOnce)
        {
        }

        _deletedTo = done.Snapshot;
        _unconfirmed.RemoveRange(0, confirmed + 1);
        await Sql.RunAsync(session, $"update {outbox.State} set confirmed = {done.Look.ToString(CultureInfo.InvariantCulture)}", null, stop).ConfigureAwait(false);
    }
}
