using Millpond.Feeds;
using Millpond.Postgres.Regions;
using Millpond.Runtime;
using Npgsql;

namespace Millpond.Postgres.Watching;

/// <summary>
/// Finds out when what was told is visible: asks for a snapshot while anything is not known to be. PostgreSQL sends a transaction when it is flushed, and shows it when whoever committed it has been let go, which a
/// synchronous standby may delay for as long as it likes (A67). Where loads read from standbys, it is visible when they have replayed it too (A45).
/// </summary>
internal sealed class VisibilityWatch(IFeedSink sink, ReplicaGate? standbys, Surroundings surroundings)
{
    // The usual wait is shorter than this, and everything that comes meanwhile is asked about at once.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(1);

    // So that a busy database is asked two hundred times a second, not ten thousand times.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly Queue<(FeedPosition Position, uint? Xid, ulong Before)> _unseen = new();
    private TaskCompletionSource<bool>? _news;
    private volatile Snapshot _last = Snapshot.None;

    /// <summary>Whether reads are certain to show a transaction, by what is known now.</summary>
    public bool IsVisible(uint xid) => standbys is null && _last.Shows(xid);

    public void Add(FeedPosition position, uint xid) => Add((position, xid, 0));

    /// <summary>Waits for everything that had begun before a transaction.</summary>
    public void AddAllBefore(FeedPosition position, ulong end) => Add((position, null, end));

    public async Task RunAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        using var ask = new NpgsqlCommand("select pg_current_snapshot()::text", connection);
        await ask.PrepareAsync(stop).ConfigureAwait(false);
        while (true)
        {
            var waited = await WaitAsync(stop).ConfigureAwait(false);
            await surroundings.Delay(waited ? FirstPause : Pause, stop).ConfigureAwait(false);
            _last = Snapshot.Read((string)(await ask.ExecuteScalarAsync(stop).ConfigureAwait(false))!);
            if (Seen(_last, standbys is null ? ulong.MaxValue : await standbys.ShownAsync(stop).ConfigureAwait(false)) is { } upTo)
            {
                sink.Visible(upTo);
            }
        }
    }

    private void Add((FeedPosition, uint?, ulong) one)
    {
        TaskCompletionSource<bool>? news;
        lock (_gate)
        {
            _unseen.Enqueue(one);
            (news, _news) = (_news, null);
        }

        news?.TrySetResult(true);
    }

    /// <summary>Whether there was anything to wait for.</summary>
    private async ValueTask<bool> WaitAsync(CancellationToken stop)
    {
        Task<bool> news;
        lock (_gate)
        {
            if (_unseen.Count > 0)
            {
                return false;
            }

            _news = surroundings.NewCompletion<bool>();
            news = _news.Task;
        }

        return await surroundings.WaitAsync(news, stop).ConfigureAwait(false);
    }

    private FeedPosition? Seen(Snapshot snapshot, ulong replayed)
    {
        FeedPosition? upTo = null;
        lock (_gate)
        {
            while (_unseen.TryPeek(out var first) && first.Position.Major <= replayed && (first.Xid is { } xid ? snapshot.Shows(xid) : snapshot.ShowsAllBefore(first.Before)))
            {
                upTo = first.Position;
                _unseen.Dequeue();
            }
        }

        return upTo;
    }
}
