using Millpond.Overload;
using Millpond.Testing.Time;

namespace Millpond.Tests.Overload;

/// <summary>A breaker by itself: when it opens, and how it finds out that it may close.</summary>
public sealed class Breaking
{
    private static readonly BreakerSettings Settings = new(0.5, 10, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4), Probes: 2);

    private readonly SimulatedSurroundings _surroundings = new(seed: 1);
    private readonly Breaker _breaker;

    public Breaking() => _breaker = new Breaker(Settings, _surroundings);

    private long Now => _surroundings.Now;

    [Fact]
    public void It_opens_when_half_of_enough_calls_failed()
    {
        Call(5, CallEnd.Succeeded);
        Call(4, CallEnd.Failed);
        Assert.Equal(BreakerState.Closed, _breaker.State);
        Call(1, CallEnd.Failed);
        Assert.Equal(BreakerState.Open, _breaker.State);
        Assert.False(_breaker.TryPass(Now, out _));
    }

    [Fact]
    public void Calls_that_say_nothing_count_for_nothing()
    {
        Call(9, CallEnd.Failed);
        Call(100, CallEnd.Unknown);
        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public void What_is_long_ago_is_forgotten()
    {
        Call(9, CallEnd.Failed);
        Wait(21);
        Call(9, CallEnd.Failed);
        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public void After_its_pause_it_lets_pass_as_many_as_have_to_succeed_and_closes_when_they_have()
    {
        Call(10, CallEnd.Failed);
        Wait(1.3);
        Assert.True(_breaker.TryPass(Now, out var first));
        Assert.True(_breaker.TryPass(Now, out var second));
        Assert.False(_breaker.TryPass(Now, out _));
        Assert.Equal(BreakerState.HalfOpen, _breaker.State);

        _breaker.Ended(first, CallEnd.Succeeded, Now);
        Assert.False(_breaker.TryPass(Now, out _));
        _breaker.Ended(second, CallEnd.Succeeded, Now);

        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    [Fact]
    public void Each_failed_trial_doubles_the_pause_up_to_the_longest()
    {
        Call(10, CallEnd.Failed);
        List<double> pauses = [];
        for (var n = 0; n < 6; n++)
        {
            pauses.Add(TimeSpan.FromTicks(_breaker.OpenUntil - Now).TotalSeconds);
            Wait(pauses[^1] + 0.01);
            Assert.True(_breaker.TryPass(Now, out var trial));
            _breaker.Ended(trial, CallEnd.Failed, Now);
            Assert.Equal(BreakerState.Open, _breaker.State);
        }

        Assert.InRange(pauses[0], 0.75, 1.25);
        Assert.InRange(pauses[1], 1.5, 2.5);
        Assert.All(pauses.Skip(2), pause => Assert.InRange(pause, 3, 5));
        Assert.Equal(pauses.Count, pauses.Distinct().Count());
    }

    [Fact]
    public void A_trial_that_says_nothing_gives_its_chance_to_the_next()
    {
        Call(10, CallEnd.Failed);
        Wait(1.3);
        Assert.True(_breaker.TryPass(Now, out var first));
        Assert.True(_breaker.TryPass(Now, out _));
        _breaker.Ended(first, CallEnd.Unknown, Now);
        Assert.True(_breaker.TryPass(Now, out _));
    }

    [Fact]
    public void What_was_begun_before_it_opened_does_not_speak_for_what_is_now()
    {
        Assert.True(_breaker.TryPass(Now, out var old));
        Call(10, CallEnd.Failed);
        Wait(1.3);
        Assert.True(_breaker.TryPass(Now, out _));

        _breaker.Ended(old, CallEnd.Failed, Now);

        Assert.Equal(BreakerState.HalfOpen, _breaker.State);
    }

    [Fact]
    public void Above_one_the_share_never_opens_it()
    {
        _breaker.Configure(Settings with { FailureShare = 2 });
        Call(1_000, CallEnd.Failed);
        Assert.Equal(BreakerState.Closed, _breaker.State);
    }

    private void Call(int times, CallEnd end)
    {
        for (var n = 0; n < times; n++)
        {
            Assert.True(_breaker.TryPass(Now, out var pass));
            _breaker.Ended(pass, end, Now);
        }
    }

    private void Wait(double seconds) => _surroundings.Clock.Advance(TimeSpan.FromSeconds(seconds));
}
