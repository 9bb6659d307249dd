using Millpond.Events;
using Millpond.Reading;
using Millpond.Runtime;

namespace Millpond.Tests.Reading;

/// <summary>The callers of one flight: what each costs, how each wait ends, and what is told of it.</summary>
public sealed class FlightWaiting
{
    private const int Callers = 10_000;

    private readonly KeyspaceCounters _counters = new();
    private readonly Rig.Heard _heard = new();
    private readonly List<object> _left = [];
    private readonly FlightWaits<string> _waits;

    public FlightWaiting() => _waits = new(new WaitParts<string>(new OnTheSpot(), new WaitReports("thing", _counters, _heard, Surroundings.Real), _left.Add));

    private static Answer<string> Nothing => new(null, ReadOrigin.Source, StaleReason.None);

    [Fact]
    public void Callers_who_cannot_be_cancelled_cost_less_than_ten_bytes_each() => Assert.InRange(LeastBytesOf(CancellationToken.None), 1, 10);

    [Fact]
    public void Callers_who_can_be_cancelled_cost_no_more_than_a_small_object_each()
    {
        using var impatience = new CancellationTokenSource();
        BytesOf(impatience.Token);
        _waits.Answer(Nothing);

        // The source of the token has kept the places that the first ones gave back.
        Assert.InRange(LeastBytesOf(impatience.Token), 1, 104);
    }

    [Fact]
    public void A_cancelled_caller_is_told_at_once_and_nobody_else_is()
    {
        using var impatience = new CancellationTokenSource();
        using var patience = new CancellationTokenSource();
        var (leaves, stays, shares) = (Wait(impatience.Token), Wait(patience.Token), Wait());

        impatience.Cancel();

        Assert.Equal((true, false, false), (leaves.IsCanceled, stays.IsCompleted, shares.IsCompleted));
        Assert.Equal([this], _left);
        Assert.Empty(_heard.All<MissAnswered>());
        _waits.Answer(Nothing);
        Assert.Equal((true, true, true), (leaves.IsCanceled, stays.IsCompletedSuccessfully, shares.IsCompletedSuccessfully));
        Assert.Equal(2, _heard.All<MissAnswered>().Count());
    }

    [Fact]
    public void A_caller_whose_token_was_cancelled_before_he_joined_is_cancelled()
    {
        var wait = Wait(new CancellationToken(canceled: true));

        Assert.True(wait.IsCanceled);
        Assert.Single(_left);
    }

    [Fact]
    public void A_token_that_outlives_the_wait_is_left_alone_by_it()
    {
        using var longLived = new CancellationTokenSource();
        var wait = Wait(longLived.Token);
        _waits.Answer(Nothing);

        longLived.Cancel();

        Assert.True(wait.IsCompletedSuccessfully);
        Assert.Empty(_left);
    }

    [Fact]
    public void A_failure_reaches_every_caller_once()
    {
        using var patience = new CancellationTokenSource();
        Task<string?>[] callers = [Wait(), Wait(), Wait(patience.Token)];

        _waits.Fail(new TimeZoneNotFoundException());

        Assert.All(callers, caller => Assert.IsType<TimeZoneNotFoundException>(caller.Exception?.InnerException));
    }

    [Fact]
    public async Task Callers_of_different_shapes_each_get_theirs()
    {
        using var patience = new CancellationTokenSource();
        var (plain, length, own) = (Wait(), Wait<int, Length>(), Wait<int, Length>(default, patience.Token));
        var second = Wait<int, Length>();

        _waits.Answer(new(Rig.Slotted.Entry(Rig.TierRig<int, string>.NewView(), "seven", 0), ReadOrigin.Source, StaleReason.None));

        Assert.Equal(("seven", 5, 5, 5), (await plain, await length, await own, await second));
    }

    [Fact]
    public async Task A_shape_that_cannot_be_had_is_the_callers_failure_alone()
    {
        var (plain, length) = (Wait(), Wait<int, Length>());

        _waits.Answer(new(Rig.Slotted.Entry(Rig.TierRig<int, string>.NewView(), "", 0), ReadOrigin.Source, StaleReason.None));

        Assert.Equal("", await plain);
        await Rig.Expect.Error(ErrorCode.ValueType, () => new ValueTask<int>(length));
    }

    [Fact]
    public void Nobody_joins_what_is_over()
    {
        _waits.Answer(Nothing);

        Assert.False(_waits.TryWait<string, AsHeld<string>>(this, default, default, out _));
    }

    [Fact]
    public void Every_wait_counts_and_only_those_who_joined_count_as_coalesced()
    {
        var now = Surroundings.Real.Now;
        using var patience = new CancellationTokenSource();
        Wait(new JoinTime(now - TimeSpan.TicksPerHour, coalesced: false));
        for (var n = 0; n < 3_000; n++)
        {
            Wait(new JoinTime(now - TimeSpan.TicksPerHour, coalesced: true));
        }

        Wait(new JoinTime(now - TimeSpan.TicksPerHour, coalesced: true), patience.Token);
        _waits.Answer(Nothing with { Stale = StaleReason.Expired });

        Assert.Equal(3_001, _counters.CoalescedWait.Value / TimeSpan.TicksPerHour);
        Assert.Equal(3_002, _counters.StaleServed(StaleReason.Expired));
        Assert.Equal(3_002, _heard.All<MissAnswered>().Count(e => e.Waited >= TimeSpan.TicksPerHour));
    }

    [Fact]
    public void The_flight_and_the_token_end_each_wait_once_whoever_comes_first()
    {
        for (var round = 0; round < 200; round++)
        {
            var rig = new FlightWaiting();
            using var impatience = new CancellationTokenSource();
            Task<string?>[] callers = [.. Enumerable.Range(0, 20).Select(_ => rig.Wait(impatience.Token))];
            var canceller = new Thread(impatience.Cancel);
            canceller.Start();
            rig._waits.Answer(Nothing);
            canceller.Join();

            var left = callers.Count(caller => caller.IsCanceled);
            Assert.Equal((left, 20 - left), (rig._left.Count, callers.Count(caller => caller.IsCompletedSuccessfully)));
            Assert.Equal(20 - left, rig._heard.All<MissAnswered>().Count());
        }
    }

    private Task<string?> Wait(CancellationToken token = default) => Wait<string, AsHeld<string>>(default, token);

    private Task<string?> Wait(JoinTime joined, CancellationToken token = default) => Wait<string, AsHeld<string>>(joined, token);

    private Task<TResult?> Wait<TResult, TShape>(JoinTime joined = default, CancellationToken token = default)
        where TShape : struct, IAnswerShape<string, TResult>
    {
        Assert.True(_waits.TryWait<TResult, TShape>(this, joined, token, out var wait));
        return wait.AsTask();
    }

    /// <summary>Of several crowds, since a collection in between makes the count wrong by some kilobytes.</summary>
    private static double LeastBytesOf(CancellationToken token)
    {
        var least = double.MaxValue;
        for (var n = 0; n < 5; n++)
        {
            var crowd = new FlightWaiting();
            least = Math.Min(least, crowd.BytesOf(token));
            crowd._waits.Answer(Nothing);
        }

        return least;
    }

    private double BytesOf(CancellationToken token)
    {
        var waits = new ValueTask<string?>[Callers];
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < Callers; n++)
        {
            _waits.TryWait<string, AsHeld<string>>(this, default, token, out waits[n]);
        }

        return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / Callers;
    }

    /// <summary>Callers go on where they are let go on, so that a test need not wait for them.</summary>
    private sealed class OnTheSpot() : Surroundings(TimeProvider.System)
    {
        public override bool ResumesAside => false;
    }

    private readonly struct Length : IAnswerShape<string, int>
    {
        public static int Of(string? value) => value is { Length: > 0 } ? value.Length : throw new MillpondException(ErrorCode.ValueType, "Empty.");
    }
}
