using Millpond.Debezium.Envelopes;
using Millpond.Feeds;
using Millpond.Runtime;

namespace Millpond.Debezium.Applying;

/// <summary>
/// Hands what Debezium tells to the sink of one run, once and, where the database may not show it yet, again (A67, decision 18).
/// </summary>
/// <remarks>
/// Where PostgreSQL can be asked, a change is final as soon as a snapshot shows its transaction. Elsewhere nothing tells, so it is applied again after a time. A carrier that keeps what is not acknowledged, as a stream does, is told when the second
/// application is through; one that sends the next message only when the one before is acknowledged could bring two changes a second that way, so there the first application acknowledges, and what is to be applied again is kept here: a process that dies
/// within that time leaves it undone.
/// </remarks>
internal sealed class EventApplier(IFeedSink sink, DebeziumOptions options, EventApplier.Acknowledges acknowledges, Surroundings surroundings)
{
    /// <summary>What waits for its second application; past it, the carrier waits instead.</summary>
    public const int WaitingMax = 10_000;

    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly EventRows _rows = new(sink);
    private readonly Queue<Waiting> _waiting = new();
    private TaskCompletionSource<bool>? _news;
    private ulong _last;

    /// <summary>When a carrier may forget a message.</summary>
    public enum Acknowledges
    {
        /// <summary>When everything that it causes has been done.</summary>
        WhenFinal,

        /// <summary>When it has been applied for the first time.</summary>
        WhenApplied,
    }

    public int Waits
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Applies an event; null if there is nothing to apply. The task completes when the carrier may forget it, and never if the run ends before.</summary>
    public (FeedPosition Position, Task Forgettable)? Apply(DebeziumEvent told)
    {
        TaskCompletionSource<bool>? news = null;
        (FeedPosition, Task) applied;
        lock (_gate)
        {
            var transaction = sink.Begin();
            if (!_rows.TryAdd(told, transaction))
            {
                return null;
            }

            var wait = WaitOf(told);
            var isKept = wait is { Xid: null } && acknowledges == Acknowledges.WhenApplied && _waiting.Count < WaitingMax;
            var position = new FeedPosition(++_last);

            // Asked for before it is committed, so that it is not gathered with what may come later.
            applied = (position, sink.WhenConfirmedAsync(position));
            sink.Commit(transaction, CommitOf(told, position, isVisible: wait is null || isKept));
            if (wait is { } again)
            {
                _waiting.Enqueue(again with { Position = position, Again = isKept ? told : null });
                (news, _news) = (_news, null);
            }
        }

        news?.TrySetResult(true);
        return applied;
    }

    /// <summary>Applies again what is due, or visible, until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var snapshot = Postgres.Watching.Snapshot.None;
        while (true)
        {
            var (first, waited) = await NextAsync(stop).ConfigureAwait(false);
            if (first.Xid is { } xid)
            {
                if (!snapshot.Shows(xid))
                {
                    await surroundings.Delay(waited ? FirstLook : LookPeriod, stop).ConfigureAwait(false);
                    snapshot = Postgres.Watching.Snapshot.Read(await options.PostgresSnapshot!(stop).ConfigureAwait(false));
                }
            }
            else if (first.DueAt - surroundings.Now is > 0 and var left)
            {
                await surroundings.Delay(TimeSpan.FromTicks(left), stop).ConfigureAwait(false);
            }

            Settle(snapshot);
        }
    }

    /// <summary>Applies at once whatever waits for its time: what is kept here alone must not end with the run.</summary>
    public void SettleAll()
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var one))
            {
                if (one.Again is { } again)
                {
                    CommitAgainNeedsGate(again);
                }
            }
        }
    }

    private static FeedCommit CommitOf(DebeziumEvent told, FeedPosition position, bool isVisible) =>
        new() { Position = position, At = told.Source.At, IsVisible = isVisible };

    /// <summary>What an event's second application waits for; null if reads are certain to show it.</summary>
    private Waiting? WaitOf(DebeziumEvent told) =>
        told.Source is { IsPostgres: true, TransactionId: { } xid } && options.PostgresSnapshot is not null ? new Waiting(default, xid, 0, null)

        // SQL Server's capture reads what is hardened, on replicas too; MongoDB's change streams have what the majority has.
        : told.Source.Connector is "sqlserver" or "mongodb" || options.AppliedAgainAfter == TimeSpan.Zero ? null
        : new Waiting(default, null, surroundings.Now + options.AppliedAgainAfter.Ticks, null);

    /// <summary>The first that waits, and whether it had to be waited for.</summary>
    private async ValueTask<(Waiting First, bool Waited)> NextAsync(CancellationToken stop)
    {
        for (var waited = false; ; waited = true)
        {
            Task<bool> news;
            lock (_gate)
            {
                if (_waiting.TryPeek(out var first))
                {
                    return (first, waited);
                }

                _news = surroundings.NewCompletion<bool>();
                news = _news.Task;
            }

            await surroundings.WaitAsync(news, stop).ConfigureAwait(false);
        }
    }

    private void Settle(Postgres.Watching.Snapshot snapshot)
    {
        lock (_gate)
        {
            FeedPosition? visible = null;
            while (_waiting.TryPeek(out var first) && (first.Xid is { } xid ? snapshot.Shows(xid) : first.DueAt <= surroundings.Now))
            {
                _waiting.Dequeue();
                if (first.Again is { } again)
                {
                    CommitAgainNeedsGate(again);
                }
                else
                {
                    visible = first.Position;
                }
            }

            if (visible is { } upTo)
            {
                sink.Visible(upTo);
            }
        }
    }

    private void CommitAgainNeedsGate(DebeziumEvent told)
    {
        var transaction = sink.Begin();
        if (_rows.TryAdd(told, transaction))
        {
            sink.Commit(transaction, CommitOf(told, new FeedPosition(++_last), isVisible: true));
        }
    }

    private readonly record struct Waiting(FeedPosition Position, uint? Xid, long DueAt, DebeziumEvent? Again);
}
