using Millpond.Partitions;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Feeds.Applying;

/// <summary>
/// What the marks of a keyspace's feeds prove of its entries: as of the time of a mark, every change that had been committed was told under the sequences it names. A partition that has heard as much holds nothing that was not current then; so an
/// entry loaded long ago may still meet a bound on staleness, and, when a feed falls silent, no longer does.
/// </summary>
internal sealed class FeedProof(IReadOnlyList<FollowedFeed> feeds, Surroundings surroundings, CancellationToken lifetime)
{
    // A mark is written once a second; looking more often than this finds the same one.
    public static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private long _lookedAt = long.MinValue / 2;
    private Task<bool>? _look;

    public IReadOnlyList<FollowedFeed> Feeds => feeds;

    /// <summary>Whether a load may show what is older than when it began, because it reads a replica.</summary>
    public bool Trails { get; } = feeds.Any(feed => !feed.LoadsReadHome);

    /// <summary>Whether what a partition holds as fresh was current at a time or later.</summary>
    /// <param name="view">The partition as known here.</param>
    /// <param name="notBefore">The time, on this process's clock.</param>
    public async ValueTask<bool> CoversAsync(PartitionView view, long notBefore)
    {
        if (feeds.Any(feed => feed.Last is var last && (last.Mark is null || last.AsOf < notBefore)))
        {
            await LookAsync(LookPeriod).ConfigureAwait(false);
        }

        return feeds.Count > 0 && feeds.All(feed => feed.Last is { Mark: { IsWatermark: true } mark } last && last.AsOf >= notBefore && Covers(mark, view));
    }

    /// <summary>Whether a partition has heard everything that a mark says was told.</summary>
    public static bool Covers(FeedMark mark, PartitionView view)
    {
        lock (view.Gate)
        {
            return mark.Partitions.Any(one => one.Id == view.Id && one.Incarnation == view.Incarnation && one.Sequence <= view.Sequence);
        }
    }

    /// <summary>Reads the marks, once for all who ask at the same time, unless that was done a moment ago.</summary>
    /// <param name="period">How long a moment is.</param>
    public async ValueTask LookAsync(TimeSpan period)
    {
        if (Look(period) is { } look)
        {
            await surroundings.Fork(look).ConfigureAwait(false);
        }
    }

    private Task<bool>? Look(TimeSpan period)
    {
        TaskCompletionSource<bool> done;
        lock (_gate)
        {
            if (_look is { IsCompleted: false })
            {
                return _look;
            }

            if (surroundings.Now - _lookedAt < period.Ticks || lifetime.IsCancellationRequested)
            {
                return null;
            }

            _lookedAt = surroundings.Now;
            done = surroundings.NewCompletion<bool>();
            _look = done.Task;
        }

        _ = ReadAsync(done);
        return done.Task;
    }

    private async Task ReadAsync(TaskCompletionSource<bool> done)
    {
        try
        {
            foreach (var feed in feeds)
            {
                await feed.ReadAsync().ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is SharedTierException or OperationCanceledException)
        {
            // What was proven before stays so; nothing newer is.
        }

        done.TrySetResult(true);
    }
}
