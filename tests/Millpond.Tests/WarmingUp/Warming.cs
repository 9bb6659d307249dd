using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millpond.Events;
using Millpond.Tests.Rig;

namespace Millpond.Tests.WarmingUp;

/// <summary>What a warm-up reads, and what ends it.</summary>
public sealed class Warming
{
    [Fact]
    public void What_is_listed_is_here_when_it_is_over_and_no_caller_is_counted() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        var process = WarmProcess.In(caches, source, w => w.Keys(Enumerable.Range(0, 250)).Keys([249, 250, 5_000]));

        var figures = await process.StartAndWarmUpAsync();

        Assert.Equal((WarmUpState.Complete, 252, 251, 1, 252), (figures.State, figures.Keys, figures.Loaded, figures.Missing, figures.Done));
        Assert.Equal((0, 0, 0, 4), (process.Statistics.Misses, process.Statistics.LocalHits, process.Statistics.SharedHits, process.Statistics.Loads));
        Assert.Empty(process.Heard.All<MissAnswered>());
        for (var key = 0; key <= 250; key++)
        {
            Assert.Equal($"row {key}", await process.Things.GetAsync(key));
        }

        Assert.Equal((251, 0, 4), (process.Statistics.LocalHits, process.Statistics.Misses, process.Statistics.Loads));
        Assert.Equal([100, 100, 50, 2], source.Asked.Select(batch => batch.Count));
    });

    [Fact]
    public void What_the_shared_tier_has_is_not_asked_of_the_source() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        var other = WarmProcess.In(caches, source, w => w.Keys([1]));
        await other.Things.GetManyAsync([.. Enumerable.Range(0, 30)]);
        var asked = source.Asked.Count;

        var process = WarmProcess.In(caches, source, w => w.Keys(Enumerable.Range(0, 40)));
        await process.Things.GetAsync(39);
        var figures = await process.StartAndWarmUpAsync();

        Assert.Equal((1, 30, 9, 0), (figures.Held, figures.FromShared, figures.Loaded, figures.Failed));
        Assert.Equal([.. Enumerable.Range(30, 9)], Assert.Single(source.Asked.Skip(asked)));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_query_brings_keys_with_its_service_and_is_broken_off_at_the_limit() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        var brought = 0;
        var process = WarmProcess.In(caches, source, w => w
            .Within(o => o.KeysMax = 30)
            .Keys([3, 4])
            .Query<ICache>((cache, token) => EndlessAsync(cache, token)));

        var figures = await process.StartAndWarmUpAsync();

        Assert.Equal((WarmUpState.Complete, 30, 30), (figures.State, figures.Keys, figures.Loaded));
        Assert.Equal(30, brought);
        Assert.Equal(30, process.Statistics.LocalEntries);

        async IAsyncEnumerable<int> EndlessAsync(ICache cache, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            Assert.Equal("default", cache.Name);
            for (var key = 3; ; key++)
            {
                token.ThrowIfCancellationRequested();
                brought++;
                yield return key;
                await ValueTask.CompletedTask;
            }
        }
    });

    [Fact]
    public void A_query_reads_through_the_cache_on_the_place_that_it_has() => Caches.Run(async caches =>
    {
        WarmProcess process = null!;
        process = WarmProcess.In(caches, WarmProcess.Full(), w => w.Query((_, token) => NextAsync(token)), options: o => o.Sources["default"].ConcurrentLoadsMax = 1);

        Assert.Equal((WarmUpState.Complete, 1, 0), await process.StartAndWarmUpAsync() is var figures ? (figures.State, figures.Keys, figures.SourcesFailed) : default);
        Assert.True(process.Things.TryPeek(7, out _) && process.Things.TryPeek(8, out _));

        async IAsyncEnumerable<int> NextAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            await process.Things.GetAsync(7, token);
            yield return 8;
        }
    });

    [Fact]
    public void What_fails_is_counted_and_told_and_keeps_nothing_else_from_being_read() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        var process = WarmProcess.In(
            caches, source,
            w => w.Query((_, _) => throw new InvalidOperationException("no such table")).Keys([1, -1, 2, 3]),
            k => k.KeyText(key => key == -1 ? "" : $"{key}", int.Parse).Load((key, token) => key == 2 ? throw new TimeoutException("row 2 is locked") : source.LoadAsync(key, token)),
            batches: false);

        var figures = await process.StartAndWarmUpAsync();

        Assert.Equal((WarmUpState.Complete, 4, 2, 2, 1), (figures.State, figures.Keys, figures.Loaded, figures.Failed, figures.SourcesFailed));
        Assert.Equal("no such table", Assert.Single(process.Heard.All<WarmUpSourceFailed>()).Failure.Message);
        Assert.Equal(figures, Assert.Single(process.Heard.All<WarmUpEnded>()).Figures);
        Assert.Equal(HealthStatus.Healthy, (await process.ReadyAsync()).Status);
    });

    [Fact]
    public void A_fallback_stands_in_for_callers_and_warms_nothing() => Caches.Run(async caches =>
    {
        var source = new Source { Failure = new TimeoutException() };
        var process = WarmProcess.In(caches, source, w => w.Keys([1]), k => k.Fallback(_ => "instead"), batches: false);
        Assert.Equal((0, 1), await process.StartAndWarmUpAsync() is var figures ? (figures.Loaded, figures.Failed) : default);
    });

    [Fact]
    public void When_its_time_is_over_it_ends_whoever_does_not_answer() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        source.Hold();
        source.IsDeaf = true;
        var process = WarmProcess.In(caches, source, w => w.Within(o => o.TimeMax = TimeSpan.FromSeconds(3)).Keys(Enumerable.Range(0, 50)), batches: false);
        var never = WarmProcess.In(caches, source, w => w.Within(o => o.TimeMax = TimeSpan.FromSeconds(4)).Query((_, _) => NeverAsync()));
        await process.StartAsync();
        await never.StartAsync();

        caches.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal((WarmUpState.Running, WarmUpState.Running), (process.WarmUp.State, never.WarmUp.State));
        caches.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal((WarmUpState.OutOfTime, WarmUpState.Running), (process.WarmUp.State, never.WarmUp.State));
        caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((WarmUpState.OutOfTime, 50, 0), (never.WarmUp.State, process.WarmUp.Keys, process.WarmUp.Done));
        Assert.Equal(HealthStatus.Healthy, (await process.ReadyAsync()).Status);
        source.Release();

        static async IAsyncEnumerable<int> NeverAsync()
        {
            await new TaskCompletionSource().Task;
            yield return 1;
        }
    });

    [Fact]
    public void A_full_local_tier_ends_it_before_anything_has_to_go() => Caches.Run(async caches =>
    {
        var process = WarmProcess.In(
            caches, WarmProcess.Full(), w => w.Keys(Enumerable.Range(0, 2_000)), k => k.Weigh((_, _) => 1_000), o => o.LocalBytesMax = 1 << 20);

        var figures = await process.StartAndWarmUpAsync();

        Assert.Equal((WarmUpState.NoRoom, 2_000), (figures.State, figures.Keys));
        Assert.InRange(figures.Loaded, 850, 1_048);
        Assert.InRange(process.Statistics.Evictions["capacity"], 0, 100);
    });

    [Fact]
    public void With_the_program_it_ends_at_once() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        source.Hold();
        var process = WarmProcess.In(caches, source, w => w.Keys([1, 2, 3]), k => k.Policy(p => p.AbandonedLoad = AbandonedLoad.IsCancelled), batches: false);
        await process.StartAsync();
        caches.Settle();
        Assert.Equal(WarmUpState.Running, process.WarmUp.State);

        var before = caches.Clock.Elapsed;
        await process.Services.Host().StopWarmUpsAsync();

        Assert.Equal((WarmUpState.Stopped, before), (process.WarmUp.State, caches.Clock.Elapsed));
        Assert.True(source.Token.IsCancellationRequested);
        await process.StartAsync();
        caches.Settle();
        Assert.Equal(WarmUpState.Stopped, process.WarmUp.State);
    });

    [Fact]
    public void Readiness_says_which_keyspace_and_how_many_of_how_many() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        var process = WarmProcess.In(caches, source, w => w.Keys([1, 2]).Keys([3]), batches: false);
        Assert.Equal(HealthStatus.Unhealthy, (await process.ReadyAsync()).Status);
        Assert.Equal("Waiting: 0 of 0", (await process.ReadyAsync()).Data["default.thing.warm_up"]);

        source.Hold();
        await process.StartAsync();
        caches.Settle();
        var health = await process.ReadyAsync();
        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.Contains("keyspace thing: 0 of 2 keys", health.Description, StringComparison.Ordinal);

        source.Release();
        caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((HealthStatus.Healthy, "Complete: 3 of 3"), await process.ReadyAsync() is var ready ? (ready.Status, ready.Data["default.thing.warm_up"]) : default);
    });

    [Fact]
    public void A_tenants_keys_are_warmed_up_with_their_tenant() => Caches.Run(async caches =>
    {
        var loaded = new List<TenantKey<int>>();
        var services = caches.Add(m => m.AddTenantKeyspace<int, string>("thing", k => k
            .Load((key, _) =>
            {
                loaded.Add(key);
                return new("x");
            })
            .WarmUp(w => w.Keys([new("a", 1), new("b", 1)]))));
        await services.Host().StartAsync(CancellationToken.None);
        caches.Settle();
        Assert.Equal([new("a", 1), new("b", 1)], loaded);
        Assert.True(services.GetRequiredService<ITenantKeyspace<int, string>>().ForTenant("b").TryPeek(1, out _));
    });
}
