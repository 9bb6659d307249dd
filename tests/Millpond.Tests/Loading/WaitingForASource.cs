using Millpond.Loading;
using Millpond.Overload;
using Millpond.Testing.Time;

namespace Millpond.Tests.Loading;

/// <summary>Who goes first, who gives way and who is refused, where a source cannot take everybody.</summary>
public sealed class WaitingForASource
{
    private readonly SimulatedSurroundings _surroundings = new(seed: 1);

    [Fact]
    public void Callers_go_before_renewals_and_renewals_before_warm_up()
    {
        var guard = Guard(concurrent: 1);
        var first = Enter(guard);
        var warm = Enter(guard, priority: LoadPriority.WarmUp);
        var renewal = Enter(guard, priority: LoadPriority.Refresh);
        var caller = Enter(guard);

        Leave(guard, first);
        Assert.Equal((true, false, false), (caller.IsCompleted, renewal.IsCompleted, warm.IsCompleted));
        Leave(guard, caller);
        Assert.Equal((true, false), (renewal.IsCompleted, warm.IsCompleted));
    }

    [Fact]
    public void Warm_up_is_passed_over_only_so_often()
    {
        var guard = Guard(concurrent: 1);
        var inside = Enter(guard);
        var warm = Enter(guard, priority: LoadPriority.WarmUp);
        var callers = new Queue<Task<Place>>(Enumerable.Range(0, 50).Select(_ => Enter(guard)));
        var served = 0;
        while (!warm.IsCompleted)
        {
            Leave(guard, inside);
            inside = callers.Peek().IsCompleted ? callers.Dequeue() : warm;
            served++;
        }

        Assert.Equal(WaitingLoads.PassesMax + 1, served);
    }

    [Fact]
    public void A_flood_of_one_keyspace_leaves_places_and_waiting_room_to_the_others()
    {
        var guard = Guard(concurrent: 8, waiting: 8);
        var once = Enter(guard, "quiet");
        Task<Place>[] flood = [.. Enumerable.Range(0, 100).Select(_ => Enter(guard, "loud"))];
        Leave(guard, once);

        Assert.Equal((6, 6), (flood.Count(IsIn), guard.Waiting));
        Assert.Equal(88, flood.Count(one => Refusal(one)?.Reason == ShedReason.KeyspaceFull));
        Assert.True(IsIn(Enter(guard, "quiet")));
        Assert.True(IsIn(Enter(guard, "quiet")));
        Assert.False(Enter(guard, "quiet").IsCompleted);
    }

    [Fact]
    public void A_keyspace_alone_at_its_source_may_have_all_of_it()
    {
        var guard = Guard(concurrent: 8);
        Assert.Equal(8, Enumerable.Range(0, 20).Select(_ => Enter(guard)).Count(IsIn));
    }

    [Fact]
    public void A_flood_of_one_tenant_leaves_places_and_waiting_room_to_the_others()
    {
        var guard = Guard(concurrent: 8, waiting: 8);
        Task<Place>[] flood = [.. Enumerable.Range(0, 100).Select(_ => Enter(guard, tenant: "loud"))];

        Assert.Equal((4, 4), (flood.Count(IsIn), guard.Waiting));
        Assert.Contains(flood, one => Refusal(one)?.Reason == ShedReason.TenantFull);
        Assert.True(IsIn(Enter(guard, tenant: "quiet")));
    }

    [Fact]
    public void Keyspaces_and_tenants_that_wait_take_turns()
    {
        var guard = Guard(concurrent: 1);
        var inside = Enter(guard, "a");
        Task<Place>[] loud = [.. Enumerable.Range(0, 10).Select(_ => Enter(guard, "a"))];
        var quiet = Enter(guard, "b");

        Leave(guard, inside);
        Leave(guard, loud[0]);

        Assert.Equal((true, false), (IsIn(quiet), loud[1].IsCompleted));
    }

    [Fact]
    public void Whoever_waits_too_long_is_told_in_time_and_never_begun()
    {
        var guard = Guard(concurrent: 1, limits => limits.WaitMax = TimeSpan.FromSeconds(2));
        var inside = Enter(guard);
        var renewal = Enter(guard, priority: LoadPriority.Refresh);
        Advance(TimeSpan.FromSeconds(0.5));
        var waits = Enter(guard);
        var patient = Enter(guard, priority: LoadPriority.WarmUp);

        Advance(TimeSpan.FromSeconds(1.4));
        Assert.False(renewal.IsCompleted);
        Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal((ShedReason.WaitedTooLong, false), (Refusal(renewal)!.Reason, waits.IsCompleted));
        Advance(TimeSpan.FromSeconds(0.5));

        Assert.Equal(ShedReason.WaitedTooLong, Refusal(waits)!.Reason);
        Assert.Contains("WaitMax 2 s", Refusal(waits)!.Failure.Message, StringComparison.Ordinal);
        Assert.False(patient.IsCompleted);
        Leave(guard, inside);
        Assert.True(IsIn(patient));
    }

    [Fact]
    public void Past_half_of_that_time_the_newest_go_first()
    {
        var guard = Guard(concurrent: 1, limits => limits.WaitMax = TimeSpan.FromSeconds(2));
        var inside = Enter(guard);
        var old = Enter(guard);
        Advance(TimeSpan.FromSeconds(1.5));
        var fresh = Enter(guard);

        Leave(guard, inside);

        Assert.Equal((true, false), (IsIn(fresh), old.IsCompleted));
    }

    [Fact]
    public void In_a_full_line_a_caller_takes_the_place_of_what_nobody_waits_for()
    {
        var guard = Guard(concurrent: 1, waiting: 2);
        _ = Enter(guard);
        var renewal = Enter(guard, priority: LoadPriority.Refresh);
        var warm = Enter(guard, priority: LoadPriority.WarmUp);

        var caller = Enter(guard);

        Assert.False(caller.IsCompleted);
        Assert.False(renewal.IsCompleted);
        Assert.Equal(ShedReason.Displaced, Refusal(warm)!.Reason);
        Assert.Equal(2, guard.Waiting);
    }

    [Fact]
    public void In_a_full_line_under_overload_the_oldest_gives_way_to_the_newest()
    {
        var guard = Guard(concurrent: 1, waiting: 1, change: limits => limits.WaitMax = TimeSpan.FromSeconds(2));
        _ = Enter(guard);
        var old = Enter(guard);
        Advance(TimeSpan.FromSeconds(1.5));

        var fresh = Enter(guard);

        Assert.False(fresh.IsCompleted);
        Assert.Equal(ShedReason.Displaced, Refusal(old)!.Reason);
    }

    private static SourceRefusal? Refusal(Task<Place> entry) => entry.IsCompleted ? entry.Result.Refusal : null;

    private static bool IsIn(Task<Place> entry) => entry.IsCompleted && entry.Result.Refusal is null;

    private static Task<Place> Enter(SourceGuard guard, string keyspace = "thing", string? tenant = null, LoadPriority priority = LoadPriority.Interactive) =>
        guard.EnterAsync(new PlaceAsk(keyspace, tenant, priority), default).AsTask();

    private static void Leave(SourceGuard guard, Task<Place> entry) => guard.Leave(entry.Result, CallEnd.Succeeded);

    private void Advance(TimeSpan time)
    {
        _surroundings.Clock.Advance(time);
        _surroundings.RunUntilIdle();
    }

    private SourceGuard Guard(int concurrent, Action<SourceLimits>? change = null, int waiting = 1_000)
    {
        var limits = new SourceLimits { ConcurrentLoadsMax = concurrent, ConcurrentLoadsMin = concurrent, WaitingLoadsMax = waiting };
        change?.Invoke(limits);
        return new SourceGuard("db", _surroundings) { Limits = limits };
    }
}
