using System.Collections.Concurrent;
using Millpond.Feeds;
using Millpond.Postgres.Regions;
using Millpond.Postgres.Setup;
using Millpond.Postgres.Watching;
using Npgsql.Replication.PgOutput.Messages;
using NpgsqlTypes;

namespace Millpond.Postgres.Streaming;

/// <summary>
/// Turns the messages of the log into what a sink is told. Transactions come whole at their commit, or, when they are large, in pieces before it, several at a time; their rows go through the rules as they come, and none is kept.
/// </summary>
/// <remarks>Npgsql uses its message objects anew, so nothing of one is kept past the call that it is given to.</remarks>
internal sealed class LogReader(IFeedSink sink, IReadOnlyList<TableFacts> facts, VisibilityWatch visibility, Heartbeats heartbeats, HomeTrack home)
{
    private readonly Dictionary<uint, FeedTable?> _tables = facts.Where(one => one.Oid != 0).ToDictionary(one => one.Oid, one => sink.Tables.Append(Beacons.Followed).FirstOrDefault(table => table.Name == one.Table));
    private readonly Dictionary<uint, RowReader?> _readers = [];
    private readonly Dictionary<uint, Open> _pieces = [];
    private Open? _whole;
    private Open? _piece;

    /// <summary>Tables that were truncated, whose files are therefore others than before.</summary>
    public ConcurrentDictionary<string, bool> Truncated { get; } = new(StringComparer.Ordinal);

    public async ValueTask TellAsync(PgOutputReplicationMessage message, CancellationToken stop)
    {
        switch (message)
        {
            case InsertMessage insert when Of(insert.Relation) is { } rows:
                await rows.AddAsync(insert, Current.Of(rows), stop).ConfigureAwait(false);
                break;
            case UpdateMessage update when Of(update.Relation) is { } rows:
                await rows.AddAsync(update, Current.Of(rows), stop).ConfigureAwait(false);
                break;
            case DeleteMessage delete when Of(delete.Relation) is { } rows:
                await rows.AddAsync(delete, Current.Of(rows), stop).ConfigureAwait(false);
                break;
            case TruncateMessage truncate:
                Truncate(truncate);
                break;
            case RelationMessage relation:
                _readers[relation.RelationId] = _tables.GetValueOrDefault(relation.RelationId) is { } table ? new RowReader(table, relation) : null;
                break;
            case LogicalDecodingMessage said:
                if (await heartbeats.ReadAsync(said, stop).ConfigureAwait(false) is { } age)
                {
                    Current.Heartbeat = age;
                }

                break;
            case OriginMessage origin:
                (Current.Origin, Current.OriginPlace) = (origin.OriginName, origin.OriginCommitLsn);
                break;
            case BeginMessage begin:
                _whole = new Open(begin.TransactionXid, sink.Begin());
                break;
            case CommitMessage commit:
                Commit(_whole!, commit.TransactionEndLsn, commit.TransactionCommitTimestamp);
                _whole = null;
                break;
            case StreamStartMessage start:
                _piece = _pieces.TryGetValue(start.TransactionXid, out var open) ? open : _pieces[start.TransactionXid] = new Open(start.TransactionXid, sink.Begin());
                break;
            case StreamStopMessage:
                _piece = null;
                break;
            case StreamAbortMessage abort when abort.SubtransactionXid == abort.TransactionXid:
                // Of a part that was rolled back the changes stay: a key too many costs a miss.
                _pieces.Remove(abort.TransactionXid);
                break;
            case StreamCommitMessage commit when _pieces.Remove(commit.TransactionXid, out var ended):
                Commit(ended, commit.TransactionEndLsn, commit.TransactionCommitTimestamp);
                break;
        }
    }

    private Open Current => _piece ?? _whole ?? throw new InvalidDataException("The log has a row outside of any transaction.");

    private RowReader? Of(RelationMessage relation)
    {
        var reader = _readers.GetValueOrDefault(relation.RelationId);
        Current.HasRows |= reader is not null && reader.Table != Beacons.Table;
        return reader;
    }

    private void Truncate(TruncateMessage truncate)
    {
        foreach (var relation in truncate.Relations)
        {
            if (Of(relation) is { } rows)
            {
                Current.Of(rows).Add(new RowChange(rows.Table, RowChangeKind.Truncate, null, null));
                Truncated[rows.Table] = true;
            }
        }
    }

    private void Commit(Open transaction, NpgsqlLogSequenceNumber end, DateTime at)
    {
        var position = PositionOf(end);
        home.Ended(sink, position, new OriginMarks(transaction.Origin, transaction.OriginPlace, transaction.Beacon));
        if (transaction.HasRows)
        {
            var isVisible = visibility.IsVisible(transaction.Xid);
            sink.Commit(transaction.Rows, new FeedCommit { Position = position, At = at.ToUniversalTime(), IsVisible = isVisible });
            if (!isVisible)
            {
                visibility.Add(position, transaction.Xid);
            }
        }

        if (transaction.Heartbeat is { } age)
        {
            home.Beat(sink, position, age);
        }
    }

    public static FeedPosition PositionOf(NpgsqlLogSequenceNumber lsn) => new((ulong)lsn);

    private sealed class Open(uint xid, IFeedTransaction rows)
    {
        public uint Xid => xid;

        public IFeedTransaction Rows => rows;

        public bool HasRows { get; set; }

        public TimeSpan? Heartbeat { get; set; }

        public string? Origin { get; set; }

        public NpgsqlLogSequenceNumber OriginPlace { get; set; }

        public BeaconRow? Beacon { get; private set; }

        /// <summary>Where a table's rows go: beacons are no data of anybody's.</summary>
        public IFeedTransaction Of(RowReader table) => table.Table == Beacons.Table ? Beacon ??= new BeaconRow() : rows;
    }
}
