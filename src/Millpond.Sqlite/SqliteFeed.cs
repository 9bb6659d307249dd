using Microsoft.Data.Sqlite;
using Millpond.Feeds;
using Millpond.Runtime;
using Millpond.Sqlite.Setup;

namespace Millpond.Sqlite;

/// <summary>
/// Follows a SQLite database: triggers, or programs by an <see cref="Outbox"/>, write each change of the followed tables to a log of the feed's own, in the writer's transaction, and the feed reads that log.
/// </summary>
/// <remarks>
/// <para>
/// SQLite has one writer at a time, so the numbers of the log are in the order of the commits, and what a reader finds in it is committed and visible to whoever begins to read. A feed keeps no transaction apart: what it
/// finds at one look it commits as one.
/// </para>
/// <para>
/// Of several instances on one machine one follows: whoever holds the lock on a file beside the database. That file also says up to where was confirmed, so that a database that was restored from an older copy is noticed (A50).
/// </para>
/// </remarks>
internal sealed class SqliteFeed(string name, SqliteFeedOptions options, ChangeWriter writer, Surroundings surroundings) : IChangeFeed
{
    private static readonly TimeSpan StandbyPeriod = TimeSpan.FromMilliseconds(200);

    private readonly ChangeLogNames _names = new(name);

    public async Task FollowAsync(IFeedSink sink, CancellationToken stop)
    {
        sink.OnState(FeedState.Connecting, "looking at how the database is set up.");
        using var connection = Open();
        Leadership? lead;
        while ((lead = Leadership.TryTake($"{options.Path}.{_names.Log}.lock")) is null)
        {
            sink.OnState(FeedState.Standby, "another instance has the lock beside the database.");
            await surroundings.Delay(StandbyPeriod * (0.75 + (0.5 * surroundings.NextDouble())), stop).ConfigureAwait(false);
        }

        using (lead)
        {
            var setup = new Preparation(name, _names, options, writer, connection, surroundings).Make(sink.Tables, lead.Confirmed);
            sink.StartAt(new FeedPosition((ulong)setup.Confirmed), setup.History);
            sink.OnState(FeedState.Following, $"{options.Path}, from change {setup.Confirmed} on.");
            await new SqliteRun(name, _names, sink, connection, lead, setup, options, writer, surroundings).FollowAsync(stop).ConfigureAwait(false);
        }
    }

    private SqliteConnection Open()
    {
        if (!File.Exists(options.Path))
        {
            throw FeedFaults.Unfit(name, [$"There is no database at {options.Path}. Give the path of its file; the feed does not make one."]);
        }

        var text = new SqliteConnectionStringBuilder { DataSource = options.Path, Mode = SqliteOpenMode.ReadWrite, Cache = SqliteCacheMode.Private, Pooling = false, DefaultTimeout = 2 };
        var connection = new SqliteConnection(text.ToString());
        try
        {
            connection.Open();
            return connection;
        }
        catch (Exception)
        {
            connection.Dispose();
            throw;
        }
    }
}

/// <summary>Who writes what changed to the log.</summary>
internal enum ChangeWriter
{
    /// <summary>The database, whichever program changes a row.</summary>
    Triggers,

    /// <summary>The programs themselves.</summary>
    Outbox,
}
