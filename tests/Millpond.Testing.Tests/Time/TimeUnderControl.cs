using Millpond.Testing.Time;
using Xunit;

namespace Millpond.Testing.Tests.Time;

public sealed class TimeUnderControl
{
    private readonly SimulatedTime _time = new();
    private readonly List<string> _fired = [];

    [Fact]
    public void Stands_still_until_it_is_advanced()
    {
        DateTimeOffset start = _time.GetUtcNow();
        long stamp = _time.GetTimestamp();
        Assert.Equal((start, stamp), (_time.GetUtcNow(), _time.GetTimestamp()));

        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(start.AddSeconds(3), _time.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(3), _time.GetElapsedTime(stamp));
        Assert.Throws<ArgumentOutOfRangeException>(() => _time.Advance(TimeSpan.FromTicks(-1)));
    }

    [Fact]
    public void Fires_timers_by_due_time_then_by_creation_each_at_its_own_time()
    {
        Timer("late", 3);
        Timer("first of two", 2);
        Timer("second of two", 2);
        Timer("early", 1);
        Timer("beyond", 5);

        _time.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(["early at 1", "first of two at 2", "second of two at 2", "late at 3"], _fired);
        Assert.Equal(TimeSpan.FromSeconds(4), _time.Elapsed);
        Assert.Equal(TimeSpan.FromSeconds(1), _time.NextTimer);
    }

    [Fact]
    public void Fires_what_is_due_at_once_only_when_advanced()
    {
        Timer("now", 0);
        Assert.Empty(_fired);
        _time.Advance(TimeSpan.Zero);
        Assert.Equal(["now at 0"], _fired);
    }

    [Fact]
    public void Repeats_a_periodic_timer_until_it_is_changed_or_disposed()
    {
        ITimer timer = Timer("tick", 1, period: 2);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["tick at 1", "tick at 3", "tick at 5"], _fired);

        Assert.True(timer.Change(TimeSpan.FromSeconds(10), TimeSpan.Zero));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("tick at 15", Assert.Single(_fired.Skip(3)));

        timer.Dispose();
        Assert.False(timer.Change(TimeSpan.Zero, TimeSpan.Zero));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(4, _fired.Count);
        Assert.Equal(0, _time.TimerCount);
    }

    [Fact]
    public void Lets_a_callback_create_change_dispose_and_advance()
    {
        ITimer? doomed = null;
        using ITimer first = _time.CreateTimer(
            _ =>
            {
                doomed!.Dispose();
                Timer("created inside", 1);
                _time.Advance(TimeSpan.FromSeconds(2));
            },
            null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        doomed = Timer("doomed", 1);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["created inside at 2"], _fired);
        Assert.Equal(TimeSpan.FromSeconds(3), _time.Elapsed);
    }

    [Fact]
    public void Drives_the_waits_of_the_platform()
    {
        using var timed = new CancellationTokenSource(TimeSpan.FromSeconds(2), _time);
        Task delay = new SimulatedSurroundings(1, _time).Delay(TimeSpan.FromSeconds(1), default);
        Task wait = new TaskCompletionSource().Task.WaitAsync(TimeSpan.FromSeconds(2), _time);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(delay.IsCompletedSuccessfully);
        Assert.False(wait.IsCompleted || timed.IsCancellationRequested);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<TimeoutException>(wait.Exception?.InnerException);
        Assert.True(timed.IsCancellationRequested);
    }

    [Fact]
    public void Carries_the_creators_context_into_the_callback()
    {
        var local = new AsyncLocal<string> { Value = "creator" };
        string? seen = null;
        using ITimer timer = _time.CreateTimer(_ => seen = local.Value, null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        local.Value = "advancer";
        _time.Advance(TimeSpan.Zero);
        Assert.Equal("creator", seen);
    }

    private ITimer Timer(string name, int due, int period = 0) => _time.CreateTimer(
        _ => _fired.Add($"{name} at {_time.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(due), TimeSpan.FromSeconds(period));
}
