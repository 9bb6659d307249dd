using Millpond.Partitions;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Feeds.Applying;

/// <summary>
/// What the marks of a keyspace's feeds prove of its entries: as of the time of a mark, every change that had been committed was told under the sequences it names. A partition that has heard as much holds nothing that was not current then; so an
/// entry loaded long ago may still meet a bound on staleness, and, when a feed falls silent, no longer does.
/// </summary>
internal sealed class FeedProof(IReadOnlyList<FeedMarkStore> feeds, Surroundings surroundings, CancellationToken lifetime)
{
    // A mark is written once a second; looking more often than this finds the same one.
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private (FeedMark? Mark, long AsOf)[] _marks = new (FeedMark?, long)[feeds.Count];
    private long _lookedAt = long.MinValue / 2;
    private Task<bool>? _look;

    /// <summary>Whether what a partition holds as fresh was current at a time or later.</summary>
    /// <param name="view">The partition as known here.</param>
    /// <param name="notBefore">The time, on this process's clock.</param>
    public async ValueTask<bool> CoversAsync(PartitionView view, long notBefore)
    {
        if (IsOld(notBefore) && Look() is { } look)
        {
            await surroundings.Fork(look).ConfigureAwait(false);
        }

        var marks = Volatile.Read(ref _marks);
        return marks.Length > 0 && Array.TrueForAll(marks, one => one.AsOf >= notBefore && one.Mark is { IsWatermark: true } mark && Covers(mark, view));
    }

    private static bool Covers(FeedMark mark, PartitionView view)
    {
        lock (view.Gate)
        {
            return mark.Partitions.Any(one => one.Id == view.Id && one.Incarnation == view.Incarnation && one.Sequence <= view.Sequence);
        }
    }

    private bool IsOld(long notBefore) => Array.Exists(Volatile.Read(ref _marks), one => one.Mark is null || one.AsOf < notBefore);

    /// <summary>Reads the marks, once for all who ask at the same time; null if it was done a moment ago.</summary>
    private Task<bool>? Look()
    {
        TaskCompletionSource<bool> done;
        lock (_gate)
        {
            if (_look is { IsCompleted: false })
            {
                return _look;
            }

            if (surroundings.Now - _lookedAt < LookPeriod.Ticks || lifetime.IsCancellationRequested)
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
            var marks = new (FeedMark?, long)[feeds.Count];
            for (var i = 0; i < marks.Length; i++)
            {
                marks[i] = await feeds[i].ReadAgedAsync().ConfigureAwait(false);
            }

            Volatile.Write(ref _marks, marks);
        }
        catch (Exception failure) when (failure is SharedTierException or OperationCanceledException)
        {
            // What was proven before stays so; nothing newer is.
        }

        done.TrySetResult(true);
    }
}
