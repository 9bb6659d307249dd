using Microsoft.Extensions.DependencyInjection;
using Millpond.Policies;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>Values renewed aside: ahead of time, early by chance, while stale.</summary>
public sealed class Renewing
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_hit_past_the_share_of_its_time_renews_the_value_aside() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.TimeToLive(Minute).Policy(p => p.RefreshAhead = 0.8));
        await things.GetAsync(7);
        source[7] = "new";

        caches.Advance(TimeSpan.FromSeconds(47));
        Assert.Equal("old", await things.GetAsync(7));
        caches.Settle();
        Assert.Equal(1, source.Loads);

        caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("old", await things.GetAsync(7));
        caches.Settle();
        Assert.Equal(2, source.Loads);
        Assert.Equal("new", await things.GetAsync(7));
        caches.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal(ReadOrigin.Local, (await things.ReadAsync(7)).Origin);
    });

    [Fact]
    public void Many_hits_begin_one_renewal() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.TimeToLive(Minute).Policy(p => p.RefreshAhead = 0.5));
        await things.GetAsync(7);
        caches.Advance(TimeSpan.FromSeconds(45));
        source.Hold();

        for (var n = 0; n < 100; n++)
        {
            Assert.Equal("old", await things.GetAsync(7));
            caches.Settle();
        }

        Assert.Equal(2, source.Loads);
        source.Release();
    });

    [Fact]
    public void Early_refresh_is_the_likelier_the_nearer_the_end_and_the_slower_the_load() => Caches.Run(async caches =>
    {
        var (early, late) = (await EarlyRefreshes(caches, loadSeconds: 1), await EarlyRefreshes(caches, loadSeconds: 4));
        Assert.InRange(early, 2, 4);
        Assert.InRange(late, 12, 22);
    });

    [Fact]
    public void Without_early_refresh_no_hit_before_the_end_renews() => Caches.Run(async caches =>
        Assert.Equal(0, await EarlyRefreshes(caches, loadSeconds: 4, eagerness: 0)));

    [Fact]
    public void A_stale_value_is_served_while_one_load_renews_it() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.TimeToLive(Minute)
            .Policy(p => (p.Jitter, p.StaleWhileRevalidate) = (0, TimeSpan.FromSeconds(30))).Load(source.LoadAsync)));
        var things = provider.Keyspace<int, string>("thing");
        await things.GetAsync(7);
        source[7] = "new";
        caches.Advance(TimeSpan.FromSeconds(80));
        source.Hold();

        var reading = await things.ReadAsync(7);
        Assert.Equal(("old", StaleReason.Expired, ReadOrigin.Local), (reading.Value, reading.Stale, reading.Origin));
        await things.GetAsync(7);
        caches.Settle();
        Assert.Equal(2, source.Loads);
        source.Release();
        caches.Settle();

        Assert.Equal("new", await things.GetAsync(7));
        var counters = provider.HandleOf("thing").Counters;
        Assert.Equal(2, counters.StaleServed(StaleReason.Expired));
        Assert.Equal(1, counters.Renewals(RefreshCause.Stale));
    });

    [Fact]
    public void Past_its_stale_time_a_value_is_waited_for() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.TimeToLive(Minute).Policy(p => p.StaleWhileRevalidate = TimeSpan.FromSeconds(30)));
        await things.GetAsync(7);
        source[7] = "new";

        caches.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal("new", await things.GetAsync(7));
    });

    [Fact]
    public void A_stale_value_of_the_shared_tier_is_served_by_a_process_that_never_held_it() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        void Declare(KeyspaceBuilder<int, string> k) => k.TimeToLive(Minute).Policy(p => p.StaleWhileRevalidate = TimeSpan.FromSeconds(30));
        await caches.Add(source, Declare).GetAsync(7);
        source[7] = "new";
        caches.Advance(TimeSpan.FromSeconds(70));
        source.Hold();

        var there = caches.Add(source, Declare);
        var reading = await there.ReadAsync(7);
        Assert.Equal(("old", StaleReason.Expired, ReadOrigin.Shared), (reading.Value, reading.Stale, reading.Origin));
        source.Release();
        caches.Settle();
        Assert.Equal("new", await there.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Invalidated_but_stale_a_value_is_served_while_it_is_renewed() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.Policy(p => (p.AfterInvalidation, p.StaleWhileRevalidate) = (Millpond.Shared.AfterInvalidation.Stale, Minute)));
        await things.GetAsync(7);
        source[7] = "new";
        await things.InvalidateAsync(7);

        var reading = await things.ReadAsync(7);
        Assert.Equal(("old", StaleReason.Invalidated), (reading.Value, reading.Stale));
        caches.Settle();
        Assert.Equal("new", await things.GetAsync(7));
    });

    [Fact]
    public void Invalidated_and_gone_a_value_is_waited_for() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.Policy(p => p.StaleWhileRevalidate = Minute));
        await things.GetAsync(7);
        source[7] = "new";
        await things.InvalidateAsync(7);
        Assert.Equal("new", await things.GetAsync(7));
    });

    [Fact]
    public void A_callers_own_loader_renews_what_it_loaded() => Caches.Run(async caches =>
    {
        var cache = caches.Add(m => m.AddKeyspace<string, object>("adhoc", k => k.TimeToLive(Minute)
            .Policy(p => (p.Jitter, p.StaleWhileRevalidate) = (0, Minute)))).GetRequiredService<ICache>();
        var loads = 0;
        ValueTask<string?> Load(CancellationToken token) => ValueTask.FromResult<string?>($"v{++loads}");

        Assert.Equal("v1", await cache.GetOrLoadAsync("k", Load));
        caches.Advance(TimeSpan.FromSeconds(70));
        Assert.Equal("v1", await cache.GetOrLoadAsync("k", Load));
        caches.Settle();
        Assert.Equal("v2", await cache.GetOrLoadAsync("k", Load));
    });

    [Fact]
    public void A_renewal_that_fails_hurts_nobody_while_the_value_may_be_served() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var heard = new Heard();
        var things = caches.Add(source, k => k.TimeToLive(Minute).Policy(p => p.StaleWhileRevalidate = Minute), heard: heard);
        await things.GetAsync(7);
        source.Failure = new InvalidOperationException("the source is down");
        caches.Advance(TimeSpan.FromSeconds(70));

        Assert.Equal("old", await things.GetAsync(7));
        caches.Settle();
        Assert.Equal("old", await things.GetAsync(7));
        Assert.Contains(heard.All<Events.LoadEnded>(), e => e.Failure is InvalidOperationException);
    });

    /// <summary>How many seconds before their end values were renewed, on average over 200 of them read ten times a second.</summary>
    private static async Task<double> EarlyRefreshes(Caches caches, int loadSeconds, double eagerness = 1)
    {
        var time = caches.Surroundings;
        var provider = caches.Add(m => m.Configure(o => o.Sources["default"].ConcurrentLoadsMax = 200).AddKeyspace<int, string>("thing", k => k.TimeToLive(TimeSpan.FromSeconds(100))
            .Policy(p => (p.Jitter, p.EarlyRefresh) = (0, eagerness))
            .Load(async (key, token) =>
            {
                await time.Delay(TimeSpan.FromSeconds(loadSeconds), token);
                return "v" + key;
            })));
        var things = provider.Keyspace<int, string>("thing");
        await Task.WhenAll(Enumerable.Range(0, 200).Select(key => things.GetAsync(key).AsTask()));
        var counters = provider.HandleOf("thing").Counters;
        var (sum, renewed) = (0.0, 0L);
        for (var left = 100.0 - loadSeconds; left > 0.1; left -= 0.1)
        {
            for (var key = 0; key < 200; key++)
            {
                await things.GetAsync(key);
            }

            sum += (counters.Renewals(RefreshCause.Early) - renewed) * left;
            renewed = counters.Renewals(RefreshCause.Early);
            caches.Advance(TimeSpan.FromSeconds(0.1));
        }

        return sum / 200;
    }
}
