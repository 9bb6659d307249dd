using System.Globalization;
using Microsoft.Data.Sqlite;
using Millpond.Feeds;
using Millpond.Runtime;
using Millpond.Sqlite.Setup;
using Millpond.Sqlite.Streaming;

namespace Millpond.Sqlite;

/// <summary>One run of whoever has the lock: looks whether anybody has committed, tells what the log has, and takes out of it what is confirmed.</summary>
internal sealed class SqliteRun(
    string feed, ChangeLogNames names, IFeedSink sink, SqliteConnection connection, Leadership lead, Beginning beginning, SqliteFeedOptions options, ChangeWriter writer, Surroundings surroundings)
{
    private static readonly TimeSpan BeatPeriod = TimeSpan.FromMilliseconds(500);

    // A write to the application's database, so not more often than is of use: what was not confirmed is told again after a crash, and costs a miss.
    private static readonly TimeSpan ConfirmPeriod = TimeSpan.FromMilliseconds(200);

    private readonly ChangeReader _reader = new(sink.Tables, names);
    private long _told = beginning.Confirmed;
    private long _confirmed = beginning.Confirmed;
    private long _seen = -1;
    private long _shape = Sql.Ask<long>(connection, "PRAGMA schema_version");
    private long _beatAt = long.MinValue / 2;
    private long _confirmedAt = surroundings.Now;

    public async Task FollowAsync(CancellationToken stop)
    {
        Tell(beginning.Doubts);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var lookedAt = surroundings.Now;
            var isAllTold = Look();
            if (isAllTold && lookedAt - _beatAt >= BeatPeriod.Ticks)
            {
                _beatAt = lookedAt;
                lead.CheckIsHeld();
                LookAtShape();
                sink.Heartbeat(new FeedPosition((ulong)_told), TimeSpan.FromTicks(surroundings.Now - lookedAt));
            }

            if (surroundings.Now - _confirmedAt >= ConfirmPeriod.Ticks)
            {
                _confirmedAt = surroundings.Now;
                Confirm();
            }

            await surroundings.Delay(isAllTold ? options.PollPeriod : TimeSpan.Zero, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Tells what is new; false if there may be more.</summary>
    private bool Look()
    {
        try
        {
            // Tells of commits by others only, and before anything is read: what comes in between is seen at the next look.
            var version = Sql.Ask<long>(connection, "PRAGMA data_version");
            if (version == _seen)
            {
                return true;
            }

            var transaction = sink.Begin();
            var found = _reader.Read(connection, _told, transaction);
            if (found.First == 0)
            {
                CheckHistory();
                _seen = version;
                return true;
            }

            if (found.First != _told + 1)
            {
                Tell([new FeedDoubt(null, FeedDoubtReason.Gap, $"Changes {_told + 1} to {found.First - 1} are not in the log any more.")]);
            }

            _told = found.Last;
            sink.Commit(transaction, new FeedCommit { Position = new FeedPosition((ulong)found.Last), At = found.At, IsVisible = true });
            return false;
        }
        catch (SqliteException busy) when (Sql.IsBusy(busy))
        {
            return false;
        }
    }

    private void CheckHistory()
    {
        if (Preparation.NewestOf(connection, names) is var newest && newest < _told)
        {
            throw new IOException($"The log of feed '{feed}' has gone back from change {_told} to {newest}: the database was restored from a copy.");
        }
    }

    /// <summary>A table that was made anew, or a trigger that was dropped, sends nothing; the schema's number tells.</summary>
    private void LookAtShape()
    {
        try
        {
            if (Sql.Ask<long>(connection, "PRAGMA schema_version") is var shape && shape == _shape)
            {
                return;
            }

            Preparation preparation = new(feed, names, options, writer, connection, surroundings);
            preparation.Check(sink.Tables);
            var missed = Sql.Within(connection, () => preparation.MakeTriggers(sink.Tables));
            _shape = Sql.Ask<long>(connection, "PRAGMA schema_version");
            Tell([.. missed.Select(Preparation.Missed)]);
        }
        catch (SqliteException busy) when (Sql.IsBusy(busy))
        {
            // At the next sign of life.
        }
    }

    private void Confirm()
    {
        if (sink.Confirmed is not { } confirmed || (long)confirmed.Major <= _confirmed)
        {
            return;
        }

        var upTo = (long)confirmed.Major;
        try
        {
            Sql.Within(connection, () =>
            {
                Sql.Run(connection, string.Create(CultureInfo.InvariantCulture, $"UPDATE {names.State} SET confirmed = {upTo}"));
                Sql.Run(connection, string.Create(CultureInfo.InvariantCulture, $"DELETE FROM {names.Log} WHERE seq <= {upTo}"));
                return upTo;
            });
        }
        catch (SqliteException busy) when (Sql.IsBusy(busy))
        {
            // The application writes; there is time.
            return;
        }

        lead.Confirm(upTo);
        _confirmed = upTo;
    }

    private void Tell(IReadOnlyList<FeedDoubt> doubts)
    {
        if (doubts.Count == 0)
        {
            return;
        }

        var transaction = sink.Begin();
        foreach (var doubt in doubts)
        {
            transaction.Doubt(doubt);
        }

        sink.Commit(transaction, new FeedCommit { Position = new FeedPosition((ulong)_told), IsVisible = true });
    }
}
