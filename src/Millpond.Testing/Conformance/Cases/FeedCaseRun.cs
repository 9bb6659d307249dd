using Millpond.Feeds;
using Millpond.Testing.Feeds;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>One run of a feed's case: the fixture, and the instances that follow.</summary>
internal sealed class FeedCaseRun(IFeedFixture fixture)
{
    // Long enough for a source in another process to be asked, to break and to come back.
    private const int PollsMax = 600;

    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(50);

    private readonly List<Follower> _followers = [];

    public IFeedFixture Fixture => fixture;

    public string Table => fixture.Table;

    /// <summary>An instance that follows until it is stopped, again after each break.</summary>
    public Follower Follow(Func<FeedTable, RecordingFeedSink>? sink = null)
    {
        var table = new FeedTable(fixture.Table, ToldTransaction.Columns);
        var follower = new Follower(fixture.NewFeed(), () => sink?.Invoke(table) ?? new RecordingFeedSink(table) { ConfirmsAtOnce = true });
        _followers.Add(follower);
        return follower;
    }

    /// <summary>One that follows already, and has heard whatever there was to hear of the beginning.</summary>
    public async Task<Follower> FollowingAsync(Func<FeedTable, RecordingFeedSink>? sink = null)
    {
        var follower = Follow(sink);
        await EventuallyAsync(() => follower.Sink.States.Contains(FeedState.Following) && (follower.Sink.Heartbeats > 0 || !fixture.Has.HasFlag(FeedNeeds.SignsOfLife)), "the feed follows its source and gives a sign of life").ConfigureAwait(false);
        return follower;
    }

    public async Task EventuallyAsync(Func<bool> holds, string what)
    {
        for (var polls = 0; polls < PollsMax && !holds(); polls++)
        {
            NeedsNoFault();
            await fixture.AdvanceAsync(PollPeriod).ConfigureAwait(false);
        }

        NeedsNoFault();
        var breaks = _followers.Select(follower => follower.LastBreak).OfType<Exception>().Select(one => one.Message);
        Expect.True(holds(), string.Join("; the feed broke: ", [what, .. breaks]));
    }

    public async Task EndAsync()
    {
        foreach (var follower in _followers)
        {
            await follower.StopAsync(fixture).ConfigureAwait(false);
            follower.Dispose();
        }
    }

    private void NeedsNoFault()
    {
        foreach (var follower in _followers)
        {
            follower.GoOn();
            if (follower.Fault is { } fault)
            {
                throw new ConformanceException($"The feed cannot follow: {fault.Message}");
            }
        }
    }
}

/// <summary>An instance of a feed, run as the cache runs it: again after each break.</summary>
internal sealed class Follower : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly IChangeFeed _feed;
    private readonly Func<RecordingFeedSink> _newSink;
    private readonly List<RecordingFeedSink> _sinks = [];
    private Task _running;

    public Follower(IChangeFeed feed, Func<RecordingFeedSink> newSink)
    {
        (_feed, _newSink) = (feed, newSink);
        _running = RunOnceAsync();
    }

    /// <summary>That of the run under way.</summary>
    public RecordingFeedSink Sink => _sinks[^1];

    /// <summary>What it cannot follow for, since that is no matter of time.</summary>
    public MillpondException? Fault { get; private set; }

    /// <summary>Why the last run broke; null if none did.</summary>
    public Exception? LastBreak { get; private set; }

    /// <summary>Rows told in all its runs, those of the first run first.</summary>
    public IEnumerable<string> Rows => _sinks.SelectMany(sink => sink.Transactions).SelectMany(transaction => transaction.Rows);

    /// <summary>Follows again if the last run has ended.</summary>
    public void GoOn()
    {
        if (_running.IsCompleted && Fault is null && !_stop.IsCancellationRequested)
        {
            _running = RunOnceAsync();
        }
    }

    public void Dispose() => _stop.Dispose();

    public async Task StopAsync(IFeedFixture fixture)
    {
        _stop.Cancel();
        for (var polls = 0; polls < 200 && !_running.IsCompleted; polls++)
        {
            await fixture.AdvanceAsync(TimeSpan.FromMilliseconds(50)).ConfigureAwait(false);
        }

        Expect.True(_running.IsCompleted, "a feed that is told to stop does");
    }

    private async Task RunOnceAsync()
    {
        _sinks.Add(_newSink());
        try
        {
            await _feed.FollowAsync(Sink, _stop.Token).ConfigureAwait(false);
        }
        catch (MillpondException fault) when (fault.Code == ErrorCode.FeedUnfit)
        {
            Fault = fault;
        }
        catch (Exception broken)
        {
            LastBreak = broken;

            // It broke, or was stopped; whoever polls goes on if it broke.
        }
    }
}
