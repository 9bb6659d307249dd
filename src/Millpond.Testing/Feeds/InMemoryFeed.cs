using Millpond.Feeds;

namespace Millpond.Testing.Feeds;

/// <summary>One instance's feed of an <see cref="InMemorySource"/>.</summary>
public sealed class InMemoryFeed : IHomeFeed
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BeatPeriod = TimeSpan.FromMilliseconds(500);

    private readonly InMemorySource _source;

    internal InMemoryFeed(InMemorySource source) => _source = source;

    /// <summary>When a replica that has not heard from its home counts as cut off.</summary>
    public static readonly TimeSpan CutOffAfter = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public bool LoadsReadHome => _source.Replica is null;

    /// <inheritdoc/>
    public ValueTask<HomePosition> ReadHomeAsync(CancellationToken cancellationToken) =>
        _source.Replica is { IsCutOff: true } ? ValueTask.FromException<HomePosition>(new IOException("The replica is cut off from its home.")) : new((_source.Replica?.Home ?? _source).Position);

    /// <inheritdoc/>
    public ValueTask<HomePosition> ReadHereAsync(CancellationToken cancellationToken) => new(_source.Position);

    /// <inheritdoc/>
    public async Task FollowAsync(IFeedSink sink, CancellationToken stop)
    {
        using var stopped = stop.UnsafeRegister(static source => ((InMemorySource)source!).Wake(), _source);
        try
        {
            while (!_source.TryLead(this, out var news))
            {
                stop.ThrowIfCancellationRequested();
                sink.OnState(FeedState.Standby, "another instance follows the source.");
                await news.ConfigureAwait(false);
            }

            stop.ThrowIfCancellationRequested();
            sink.OnState(FeedState.Following, "the source in memory.");
            await TellAsync(sink, stop).ConfigureAwait(false);
        }
        finally
        {
            _source.LetGo(this);
        }
    }

    private async Task TellAsync(IFeedSink sink, CancellationToken stop)
    {
        var (told, shown) = (_source.Confirmed, _source.Confirmed);
        sink.StartAt(new FeedPosition(told), _source.History);
        var beatAt = long.MinValue / 2;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var news = _source.Take(told, sink.Confirmed);
            Tell(sink, news);
            told = news.Commits.Count > 0 ? news.Commits[^1].Place : Math.Max(told, news.GapTo ?? 0);
            if (news.VisibleTo > shown)
            {
                shown = news.VisibleTo;
                sink.Visible(new FeedPosition(shown));
            }

            if (_source.Beats && _source.Surroundings.Now - beatAt > BeatPeriod.Ticks)
            {
                beatAt = _source.Surroundings.Now;
                Beat(sink, told);
            }

            if (!news.Next.IsCompleted)
            {
                // Not a wait for either of two tasks, which the platform resumes on the thread pool, out of a simulator's sight.
                using var timer = _source.Surroundings.Time.CreateTimer(_ => _source.Wake(), null, LookPeriod, Timeout.InfiniteTimeSpan);
                await news.Next.ConfigureAwait(false);
            }
        }
    }

    private void Beat(IFeedSink sink, ulong told)
    {
        var behind = _source.Replica?.Behind() ?? TimeSpan.Zero;
        if (_source.Replica is not null)
        {
            sink.OnState(behind > CutOffAfter ? FeedState.CutOff : FeedState.Following, behind > CutOffAfter ? "a replica in memory that hears nothing from its home." : "a replica in memory.");
        }

        sink.Reaches(new FeedPosition(told), _source.HomeOf(told));
        sink.Heartbeat(new FeedPosition(told), behind);
    }

    private void Tell(IFeedSink sink, InMemoryNews news)
    {
        if (news.GapTo is { } upTo)
        {
            var doubt = sink.Begin();
            doubt.Doubt(new FeedDoubt(null, FeedDoubtReason.Gap, "The source has forgotten what was not confirmed."));
            sink.Commit(doubt, new FeedCommit { Position = new FeedPosition(upTo), IsVisible = true });
        }

        foreach (var (place, commit, isVisible) in news.Commits)
        {
            var transaction = sink.Begin();
            foreach (var row in commit.Rows)
            {
                transaction.Add(row);
            }

            if (commit.Doubt is { } doubt)
            {
                transaction.Doubt(doubt);
            }

            sink.Reaches(new FeedPosition(place), _source.HomeOf(place));
            sink.Commit(transaction, new FeedCommit { Position = new FeedPosition(place), IsVisible = isVisible });
        }
    }
}
