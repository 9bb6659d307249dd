using Millpond.Events;
using Millpond.Overload;
using Millpond.Shared.InProcess;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Shared.Guarding;

/// <summary>A shared tier that is slow or gone, seen by a process whose callers wait.</summary>
public sealed class SharedTierGuarding
{
    private const long SharedBytes = 1 << 20;

    private static readonly TimeSpan TimeoutMax = new MillpondOptions().SharedTierTimeoutMax;

    [Fact]
    public void A_tier_that_takes_two_seconds_costs_a_read_its_timeout_and_then_nothing() => Caches.Run(async caches =>
    {
        var (source, tier, heard) = (Rows(100), caches.Faulty(), new Heard());
        var things = caches.Add(source, tier: tier, heard: heard);
        await things.GetAsync(0);
        tier.Operations.RequestDelay = TimeSpan.FromSeconds(2);

        List<TimeSpan> took = [];
        for (var key = 1; key < 60; key++)
        {
            var began = caches.Surroundings.Now;
            Assert.Equal($"row {key}", await things.GetAsync(key));
            took.Add(TimeSpan.FromTicks(caches.Surroundings.Now - began));
        }

        Assert.InRange(took.Max(), TimeSpan.FromMilliseconds(100), TimeoutMax * 1.3);
        Assert.InRange(took.Count(time => time > TimeSpan.FromMilliseconds(1)), 5, 7);
        Assert.Contains(heard.All<SharedTierBreakerChanged>(), change => change.State == BreakerState.Open);
    }, SharedBytes);

    [Fact]
    public void It_is_used_again_by_itself_within_seconds() => Caches.Run(async caches =>
    {
        var (source, tier, heard) = (Rows(1_000), caches.Faulty(), new Heard());
        var things = caches.Add(source, tier: tier, heard: heard);
        tier.Operations.IsDown = true;
        for (var key = 0; key < 20; key++)
        {
            await things.GetAsync(key);
        }

        Assert.Equal(BreakerState.Open, heard.All<SharedTierBreakerChanged>().Last().State);
        tier.Operations.IsDown = false;
        for (var n = 0; n < 30; n++)
        {
            await caches.Surroundings.Delay(TimeSpan.FromMilliseconds(100), default);
            await things.GetAsync(100 + n);
        }

        Assert.Equal(BreakerState.Closed, heard.All<SharedTierBreakerChanged>().Last().State);
        var other = caches.Add(new Source(), tier: caches.Faulty());
        Assert.Equal("row 129", await other.GetAsync(129));
    }, SharedBytes);

    [Fact]
    public void While_it_is_left_alone_values_are_kept_here_for_two_heartbeats_and_the_source_is_asked_once_for_each() => Caches.Run(async caches =>
    {
        var (source, tier) = (Rows(100), caches.Faulty());
        var things = caches.Add(source, tier: tier);
        tier.Operations.IsDown = true;
        for (var key = 0; key < 20; key++)
        {
            await things.GetAsync(key);
        }

        var loads = source.Loads;
        for (var n = 0; n < 100; n++)
        {
            await things.GetAsync(19);
        }

        Assert.Equal(loads, source.Loads);
        caches.Clock.Advance(TimeSpan.FromSeconds(2.1));
        await things.GetAsync(19);
        Assert.Equal(loads + 1, source.Loads);
    }, SharedBytes);

    [Fact]
    public void A_change_made_meanwhile_is_seen_here_at_once_and_told_when_the_tier_is_back() => Caches.Run(async caches =>
    {
        var (source, tier) = (Rows(100), caches.Faulty());
        var (things, other) = (caches.Add(source, tier: tier), caches.Add(Rows(100), tier: caches.Faulty()));
        await things.GetAsync(7);
        await other.GetAsync(7);
        tier.Operations.IsDown = true;
        for (var key = 20; key < 40; key++)
        {
            await things.GetAsync(key);
        }

        source[7] = "changed";
        var began = caches.Surroundings.Now;
        await things.InvalidateAsync(7);
        Assert.Equal(began, caches.Surroundings.Now);
        Assert.Equal("changed", await things.GetAsync(7));
        tier.Operations.IsDown = false;
        await caches.Surroundings.Delay(TimeSpan.FromSeconds(3), default);

        Assert.False(other.TryPeek(7, out _));
    }, SharedBytes);

    [Fact]
    public void A_lease_granted_too_late_is_given_back() => Caches.Run(async caches =>
    {
        var (source, tier) = (Rows(100), caches.Faulty());
        var things = caches.Add(source, tier: tier);
        await things.GetAsync(0);
        tier.Operations.ReplyDelay = TimeSpan.FromSeconds(1);
        await things.GetAsync(1);
        await caches.Surroundings.Delay(TimeSpan.FromSeconds(1.5), default);
        tier.Operations.ReplyDelay = TimeSpan.Zero;

        var began = caches.Surroundings.Now;
        var other = caches.Add(Rows(100), tier: caches.Faulty());
        Assert.Equal("row 1", await other.GetAsync(1));

        Assert.InRange(caches.Surroundings.Now - began, 0, TimeSpan.FromMilliseconds(200).Ticks);
    }, SharedBytes);

    [Fact]
    public void The_timeout_follows_what_answers_take_within_its_bounds() => Caches.Run(async caches =>
    {
        var (source, tier) = (Rows(10_000), caches.Faulty());
        var things = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Load(source.LoadAsync)), tier).Host();
        var keyspace = things.Keyspace<int, string>("thing");
        var guard = things.Keyspaces.Single(one => one.Name == "thing").Guards[0];
        Assert.Equal(TimeoutMax, guard.Timeout);
        await ReadAsync(0, 200);
        Assert.Equal(TimeSpan.FromMilliseconds(100), guard.Timeout);

        tier.Operations.ReplyDelay = TimeSpan.FromMilliseconds(30);
        await ReadAsync(1_000, 3_000);
        Assert.InRange(guard.Timeout, TimeSpan.FromMilliseconds(120), TimeSpan.FromMilliseconds(155));

        tier.Operations.ReplyDelay = TimeSpan.FromMilliseconds(45);
        await ReadAsync(5_000, 8_000);
        Assert.InRange(guard.Timeout, TimeSpan.FromMilliseconds(180), TimeSpan.FromMilliseconds(235));

        async Task ReadAsync(int from, int to)
        {
            for (var key = from; key < to; key++)
            {
                await keyspace.GetAsync(key);
            }
        }
    }, sharedBytes: 16 << 20);

    [Fact]
    public void A_batch_is_judged_by_what_became_of_it() => Caches.Run(async caches =>
    {
        var (source, tier, heard) = (Rows(500), caches.Faulty(), new Heard());
        var things = caches.Add(source, tier: tier, heard: heard);
        tier.Operations.IsDown = true;
        for (var n = 0; n < 10; n++)
        {
            Assert.Equal(10, (await things.GetManyAsync([.. Enumerable.Range(n * 10, 10)])).Count);
        }

        Assert.Equal(BreakerState.Open, heard.All<SharedTierBreakerChanged>().First().State);
        Assert.InRange(heard.All<SharedTierFailed>().Count(one => one.Operation == "read"), 5, 6);
    }, SharedBytes);

    [Fact]
    public void What_one_partition_granted_is_given_back_when_another_fails() => Caches.Run(async caches =>
    {
        var shared = new InProcessSharedTier(new InProcessSharedTierOptions { PayloadBytesMax = SharedBytes, PartitionsPerKeyspace = 4 }, caches.Surroundings);
        var tier = new FaultySharedTier(shared, caches.Surroundings, seed: 1);
        var things = caches.Add(Rows(40), tier: tier);
        foreach (var key in Enumerable.Range(100, 20))
        {
            await things.GetAsync(key);
        }

        tier.Operations.FailNext(SharedOperation.ReadMany, FaultPoint.BeforeEffect);
        Assert.Equal(40, (await things.GetManyAsync([.. Enumerable.Range(0, 40)])).Count);
        caches.Settle();

        var began = caches.Surroundings.Now;
        var other = caches.Add(Rows(40), tier: new FaultySharedTier(shared, caches.Surroundings, seed: 2));
        Assert.Equal(40, (await other.GetManyAsync([.. Enumerable.Range(0, 40)])).Count);
        Assert.InRange(caches.Surroundings.Now - began, 0, TimeSpan.FromMilliseconds(100).Ticks);
    }, SharedBytes);

    [Fact]
    public void The_health_check_says_so_while_it_lasts() => Caches.Run(async caches =>
    {
        var (source, tier) = (Rows(100), caches.Faulty());
        var process = Telemetry.Watched.In(caches, source, tier: tier);
        tier.Operations.IsDown = true;
        for (var key = 0; key < 20; key++)
        {
            await process.Things.GetAsync(key);
        }

        var health = await new MillpondHealthCheck(process.Services).CheckHealthAsync(new());

        Assert.Contains("leaves the shared tier alone, which fails or is slow, and reads from the source in: thing.", health.Description, StringComparison.Ordinal);
    }, SharedBytes);

    private static Source Rows(int count)
    {
        var source = new Source();
        for (var key = 0; key < count; key++)
        {
            source[key] = $"row {key}";
        }

        return source;
    }
}
