using Millpond.Runtime;

namespace Millpond.Feeds.Applying;

/// <summary>Keeps one feed running for as long as its cache lives: again after each break, with pauses that grow.</summary>
internal sealed class FeedRelay(IChangeFeed feed, RuleBook rules, FeedLives lives, FeedLog log, Surroundings surroundings, CancellationToken lifetime)
{
    private static readonly TimeSpan PauseFirst = TimeSpan.FromMilliseconds(100);

    // Until the feed is back, changes past the application are unheard; so never longer than people take to notice.
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(5);

    // A run of this long was a good one, and the next break is a new one.
    private static readonly TimeSpan GoodRun = TimeSpan.FromSeconds(10);

    private Task? _running;

    public FeedLog Log => log;

    public void Start() => surroundings.RunAside(() => _running = KeepRunningAsync());

    /// <summary>Completes when the feed has let go of its source, so that another instance may take it up at once.</summary>
    public Task StoppedAsync() => _running ?? Task.CompletedTask;

    private async Task KeepRunningAsync()
    {
        var pause = PauseFirst;
        while (!lifetime.IsCancellationRequested)
        {
            var beganAt = surroundings.Now;
            try
            {
                await feed.FollowAsync(new FeedRun(log, rules, lives, surroundings, lifetime), lifetime).ConfigureAwait(false);
                if (!lifetime.IsCancellationRequested)
                {
                    log.OnState(FeedState.Connecting, "the feed ended its run and begins another.");
                }
            }
            catch (Exception) when (lifetime.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                log.OnBroken(failure);
            }

            pause = surroundings.Now - beganAt >= GoodRun.Ticks ? PauseFirst : pause;
            try
            {
                await surroundings.Delay(pause * (0.5 + surroundings.NextDouble()), lifetime).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
        }
    }
}
