using Microsoft.Extensions.DependencyInjection;
using Millpond.Events;
using Millpond.Tests.Rig;

namespace Millpond.Tests.HotKeys;

public sealed class FindingHotKeys
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_key_with_half_of_the_reads_is_found_within_one_second(bool isHeldHere) => Caches.Run(async caches =>
    {
        var heard = new Heard();
        var things = caches.Add(Full(), k => k.Limits(l => l.LocalBytesMax = isHeldHere ? 1 << 20 : 0), heard: heard);
        await ReadAsync(caches, things, 3_000, (n, random) => random.Next(900), readsPerStep: 160);
        Assert.Empty(heard.All<HotKeyFound>());

        var began = caches.Clock.GetUtcNow();
        while (!heard.All<HotKeyFound>().Any())
        {
            await ReadAsync(caches, things, 5, (n, random) => n % 2 == 0 ? 7 : random.Next(900), readsPerStep: 160);
        }

        Assert.InRange(caches.Clock.GetUtcNow() - began, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(7, Assert.Single(things.HotKeys(), one => one.IsHot).Key);
        var found = Assert.Single(heard.All<HotKeyFound>());
        Assert.InRange(found.ReadsPerSecond, 100, 20_000);
        Assert.InRange(found.Share, 0.05, 0.6);

        await ReadAsync(caches, things, 2_000, (n, random) => n % 2 == 0 ? 7 : random.Next(900), readsPerStep: 160);
        var hottest = things.HotKeys()[0];
        Assert.Equal((7, true), (hottest.Key, hottest.IsHot));
        Assert.InRange(hottest.Share, 0.4, 0.6);
        Assert.InRange(hottest.ReadsPerSecond, 10_000, 22_000);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Keys_that_are_read_alike_are_none_of_them_hot_however_much_they_are_read() => Caches.Run(async caches =>
    {
        var heard = new Heard();
        var things = caches.Add(Full(), heard: heard);
        await ReadAsync(caches, things, 3_000, (n, random) => random.Next(900), readsPerStep: 200);
        Assert.Empty(heard.All<HotKeyFound>());
    });

    [Fact]
    public void A_key_that_is_read_seldom_is_not_hot_though_nothing_else_is_read() => Caches.Run(async caches =>
    {
        var heard = new Heard();
        var things = caches.Add(Full(), k => k.Limits(l => l.LocalBytesMax = 0), heard: heard);
        await ReadAsync(caches, things, 3_000, (_, _) => 7, readsPerStep: 1, everySteps: 10);
        Assert.Empty(heard.All<HotKeyFound>());
        Assert.Equal(7, Assert.Single(things.HotKeys()).Key);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Keys_read_in_turn_on_one_thread_are_all_seen() => Caches.Run(async caches =>
    {
        var things = caches.Add(Full());
        await ReadAsync(caches, things, 4_000, (n, _) => n % 8, readsPerStep: 160);
        var shares = things.HotKeys().ToDictionary(one => one.Key, one => one.Share);
        Assert.Equal(Enumerable.Range(0, 8), shares.Keys.Order());
        Assert.All(shares.Values, share => Assert.InRange(share, 0.06, 0.2));
    });

    [Fact]
    public void A_key_that_is_read_no_more_is_hot_no_more_when_its_time_is_over() => Caches.Run(async caches =>
    {
        var process = caches.Add(m => m.Configure(o => o.HotKeys.HoldTime = TimeSpan.FromSeconds(3)).AddKeyspace<int, string>("thing", k => k.Load(Full().LoadAsync)));
        var things = process.GetRequiredService<IKeyspace<int, string>>();
        await ReadAsync(caches, things, 1_000, (_, _) => 7, readsPerStep: 40);
        var cache = process.GetRequiredService<ICache>();
        Assert.Equal(1, cache.Statistics().Keyspaces.Single(one => one.Name == "thing").HotKeys);
        Assert.Equal(("thing", "7", true), (cache.HotKeys()[0].Keyspace, cache.HotKeys()[0].Key, cache.HotKeys()[0].IsHot));

        caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, cache.Statistics().Keyspaces.Single(one => one.Name == "thing").HotKeys);
        caches.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(0, cache.Statistics().Keyspaces.Single(one => one.Name == "thing").HotKeys);
        Assert.DoesNotContain(cache.HotKeys(), one => one.IsHot);
        caches.Advance(TimeSpan.FromSeconds(4));
        Assert.Empty(cache.HotKeys());
    });

    [Fact]
    public void Nothing_is_followed_where_it_is_turned_off() => Caches.Run(async caches =>
    {
        var heard = new Heard();
        var process = caches.Add(
            m => m.Configure(o => o.HotKeys.TrackedKeysMax = 0).AddKeyspace<int, string>("thing", k => k.Load(Full().LoadAsync)), more: services => services.AddSingleton<CacheListener>(heard));
        await ReadAsync(caches, process.GetRequiredService<IKeyspace<int, string>>(), 1_000, (_, _) => 7, readsPerStep: 40);
        Assert.Empty(process.GetRequiredService<ICache>().HotKeys());
        Assert.Empty(heard.All<HotKeyFound>());
        Assert.NotEmpty(heard.All<HitSampled>());
    });

    [Theory]
    [InlineData(0.05, 100, true)]
    [InlineData(0.9, 100, false)]
    [InlineData(0.05, 20_000, false)]
    public void What_counts_as_hot_is_set(double share, double readsPerSecond, bool isHot) => Caches.Run(async caches =>
    {
        var process = caches.Add(m => m.Configure(o => (o.HotKeys.ShareMin, o.HotKeys.ReadsPerSecondMin) = (share, readsPerSecond)).AddKeyspace<int, string>("thing", k => k.Load(Full().LoadAsync)));
        var things = process.GetRequiredService<IKeyspace<int, string>>();
        await ReadAsync(caches, things, 2_000, (n, random) => n % 2 == 0 ? 7 : random.Next(900), readsPerStep: 80);
        Assert.Equal(isHot, things.HotKeys()[0].IsHot);
    });

    [Fact]
    public void A_tenant_sees_its_own_keys_alone() => Caches.Run(async caches =>
    {
        var process = caches.Add(m => m.AddTenantKeyspace<int, string>("thing", k => k.Load((key, _) => new($"{key}"))));
        var all = process.GetRequiredService<ITenantKeyspace<int, string>>();
        for (var n = 0; n < 200; n++)
        {
            await all.ForTenant("a").ReadAsync(1, new ReadOptions { MaxStaleness = TimeSpan.Zero });
            await all.ForTenant("b").ReadAsync(2, new ReadOptions { MaxStaleness = TimeSpan.Zero });
            caches.Advance(Step);
        }

        Assert.Equal(1, Assert.Single(all.ForTenant("a").HotKeys()).Key);
        Assert.Equal(2, Assert.Single(all.ForTenant("b").HotKeys()).Key);
    });

    internal static Source Full()
    {
        var source = new Source();
        for (var key = 0; key < 1_000; key++)
        {
            source[key] = $"{key}";
        }

        return source;
    }

    /// <summary>Reads for a time: so many keys in each step, and then a step of time.</summary>
    internal static async Task ReadAsync(Caches caches, IKeyspace<int, string> things, int milliseconds, Func<int, Random, int> next, int readsPerStep, int everySteps = 1)
    {
        var random = new Random(5);
        var read = 0;
        for (var n = 0; n < milliseconds / Step.TotalMilliseconds; n++)
        {
            for (var one = 0; one < readsPerStep && n % everySteps == 0; one++)
            {
                await things.GetAsync(next(read++, random));
            }

            caches.Clock.Advance(Step);
        }
    }
}
