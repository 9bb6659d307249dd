using Microsoft.Extensions.DependencyInjection;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Telemetry;

public sealed class TroubleMetrics
{
    [Fact]
    public void A_loader_that_throws_is_a_failure_by_its_type() => Caches.Run(async caches =>
    {
        var process = Watched.In(caches, new Source { Failure = new TimeZoneNotFoundException() });
        await Assert.ThrowsAsync<MillpondException>(() => process.Things.GetAsync(7).AsTask());

        Assert.Equal([1.0], process.Meters.Of("millpond.load.failures", "error.type=System.TimeZoneNotFoundException"));
        Assert.Single(process.Meters.Of("millpond.load.duration", "error.type=System.TimeZoneNotFoundException"));
        Assert.Single(process.Meters.Of("millpond.miss.duration", "error.type=MP1301"));
        Assert.Equal(1, process.Meters.Sum("millpond.load.failures"));
        Assert.Empty(process.Meters.Of("millpond.serve.age"));
    });

    [Fact]
    public void A_load_that_is_late_is_one_failure_whatever_its_loader_does_then() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var process = Watched.In(caches, source, k => k.Policy(p => p.LoadTimeout = TimeSpan.FromSeconds(2)));
        source.Hold();
        await Assert.ThrowsAsync<MillpondException>(() => process.Things.GetAsync(7).AsTask());

        // Here the loader has not been told yet, because the caller goes on within the cancellation.
        await caches.Surroundings.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
        Assert.Equal([1.0], process.Meters.Of("millpond.load.failures"));
        Assert.Equal([1.0], process.Meters.Of("millpond.load.failures", "error.type=MP1302"));
        Assert.Equal([2.0], process.Meters.Of("millpond.miss.duration", "error.type=MP1302"));
        Assert.Single(process.Meters.Of("millpond.load.duration"));
    });

    [Fact]
    public void A_source_shows_who_is_inside_who_waits_and_who_was_turned_away() => Caches.Run(async caches =>
    {
        var source = new Source { [1] = "one", [2] = "two", [3] = "three" };
        var process = Watched.In(caches, source, more: m => m.Configure(o => o.Sources["default"] = new SourceLimits { ConcurrentLoadsMax = 1, WaitingLoadsMax = 1 }));
        source.Hold();
        Task[] callers = [process.Things.GetAsync(1).AsTask(), process.Things.GetAsync(2).AsTask(), process.Things.GetAsync(3).AsTask()];

        await Assert.ThrowsAsync<MillpondException>(() => callers[2]);
        Assert.Equal([1.0], process.Meters.Of("millpond.load.failures", "error.type=MP1303"));
        Assert.Equal(1, Standing("millpond.source.inside"));
        Assert.Equal(1, Standing("millpond.source.waiting"));
        source.Release();
        await callers[1];
        caches.Settle();
        Assert.Equal(0, Standing("millpond.source.inside"));
        Assert.Equal(0, Standing("millpond.source.waiting"));

        double Standing(string name) => process.Meters.All.Single(one => one.Instrument == name && one.Tags.Contains("source=default")).Value;
    });

    [Fact]
    public void Changes_are_counted_where_they_are_made_and_where_they_are_heard() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var (here, there) = (Watched.In(caches, source), Watched.In(caches, source));
        await here.Things.GetAsync(7);
        await there.Things.GetAsync(7);
        await here.Things.InvalidateManyAsync([7, 8]);
        await here.Things.InvalidateTagAsync("red");
        await here.Things.InvalidateAllAsync();

        Assert.Equal([2.0], here.Meters.Of("millpond.changes", "scope=key", "origin=made"));
        Assert.Equal([1.0], here.Meters.Of("millpond.changes", "scope=scope", "origin=made"));
        Assert.Equal([1.0], here.Meters.Of("millpond.changes", "scope=keyspace", "origin=made"));
        Assert.Equal(2, there.Meters.Sum("millpond.changes", "scope=key", "origin=heard"));
        Assert.Equal(1, there.Meters.Sum("millpond.changes", "scope=scope", "origin=heard"));
        Assert.Equal(1, there.Meters.Sum("millpond.changes", "scope=keyspace", "origin=heard"));
        Assert.Equal(0, there.Meters.Sum("millpond.changes", "origin=made"));
        await caches.Cache(0).PurgeAsync(new() { Keyspace = "thing", Keys = ["7"] });
        Assert.Equal([1.0], here.Meters.Of("millpond.changes", "scope=key", "origin=purge"));
    });

    [Fact]
    public void A_value_overtaken_by_a_change_is_a_fill_refused() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var (here, there) = (Watched.In(caches, source), Watched.In(caches, source));
        source.Hold();
        var caller = here.Things.GetAsync(7).AsTask();
        await there.Things.InvalidateAsync(7);
        source.Release();
        await caller;

        Assert.Equal([1.0], here.Meters.Of("millpond.fills.refused", "reason=lease_lost"));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_shared_tier_that_is_down_shows_by_operation_and_changes_wait() => Caches.Run(async caches =>
    {
        var tier = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var process = Watched.In(caches, new Source { [7] = "seven" }, tier: tier);
        await process.Things.GetAsync(7);
        Assert.Equal([1.0], process.Meters.Of("millpond.channel.trusted"));
        tier.Operations.IsDown = true;
        await process.Things.GetAsync(8);
        await process.Things.InvalidateAsync(7);

        Assert.Equal([1.0], process.Meters.Of("millpond.shared.failures", "operation=read"));
        Assert.Equal([1.0], process.Meters.Of("millpond.shared.failures", "operation=change"));
        Assert.Equal([1.0], process.Meters.Of("millpond.deferred_changes"));
        caches.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([0.0], process.Meters.Of("millpond.channel.trusted"));
        Assert.NotEmpty(process.Meters.Of("millpond.shared.failures", "operation=read_control"));

        tier.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([0.0], process.Meters.Of("millpond.deferred_changes"));
        Assert.Equal([1.0], process.Meters.Of("millpond.channel.trusted"));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_channel_that_breaks_and_comes_back_shows_both() => Caches.Run(async caches =>
    {
        var tier = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var process = Watched.In(caches, new Source { [7] = "seven" }, tier: tier);
        await process.Things.GetAsync(7);
        Assert.Equal([1.0], process.Meters.Of("millpond.channel.events", "event=restored"));
        tier.Pushes.BreakChannels("a test");
        caches.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal([1.0], process.Meters.Of("millpond.channel.events", "event=broken"));
        Assert.Equal(2, process.Meters.Sum("millpond.channel.events", "event=restored"));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_record_of_another_codec_is_unreadable_and_is_loaded_anew() => Caches.Run(async caches =>
    {
        var other = caches.Add(m => m.AddKeyspace<int, long>("thing", k => k.Load((_, _) => new ValueTask<long>(7L))));
        await other.GetRequiredService<IKeyspace<int, long>>().GetAsync(7);
        var process = Watched.In(caches, new Source { [7] = "seven" });

        Assert.Equal("seven", await process.Things.GetAsync(7));
        Assert.Equal([1.0], process.Meters.Of("millpond.records.unreadable"));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_value_over_the_limit_is_served_and_not_stored() => Caches.Run(async caches =>
    {
        var process = Watched.In(caches, new Source { [7] = new string('x', 5_000) }, k => k.Limits(l => l.ValueBytesMax = 1_000));

        Assert.Equal(5_000, (await process.Things.GetAsync(7))?.Length);
        Assert.Equal([1.0], process.Meters.Of("millpond.values.not_stored"));
        Assert.Equal([0.0], process.Meters.Of("millpond.local.entries"));
    });
}
