using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.HotKeys;

public sealed class TreatingHotKeys
{
    [Theory]
    [InlineData(1 << 20)]
    [InlineData(0)]
    public void Where_nothing_is_kept_a_hot_key_is_held_all_the_same_unless_that_is_refused(long hotBytes) => Caches.Run(async caches =>
    {
        var process = NewProcess(caches, FindingHotKeys.Full(), hotBytes);
        await FindingHotKeys.ReadAsync(caches, process.Things, 2_000, (n, random) => n % 2 == 0 ? 7 : random.Next(100, 900), readsPerStep: 8);
        Assert.True(process.Things.HotKeys()[0].IsHot);

        var before = process.Figures;
        await FindingHotKeys.ReadAsync(caches, process.Things, 1_000, (n, random) => n % 2 == 0 ? 7 : random.Next(100, 900), readsPerStep: 8);
        var after = process.Figures;

        Assert.Equal(1_600, after.LocalHits + after.Misses + after.Coalesced - before.LocalHits - before.Misses - before.Coalesced);
        Assert.Equal(hotBytes > 0 ? 800 : 0, after.LocalHits - before.LocalHits);
        Assert.Equal(hotBytes > 0 ? 1 : 0, after.LocalEntries);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_hot_key_that_another_process_changes_is_never_read_from_before_the_change() => Caches.Run(async caches =>
    {
        var source = FindingHotKeys.Full();
        var (reader, writer) = (NewProcess(caches, source), NewProcess(caches, source));
        await FindingHotKeys.ReadAsync(caches, reader.Things, 2_000, (_, _) => 7, readsPerStep: 8);
        Assert.Equal(1, reader.Figures.LocalEntries);
        for (var version = 0; version < 50; version++)
        {
            source[7] = $"{version}";
            await writer.Things.InvalidateAsync(7);
            for (var n = 0; n < 5; n++)
            {
                Assert.Equal($"{version}", await reader.Things.GetAsync(7));
            }
        }

        Assert.Equal(51, source.Loads);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_key_that_is_hot_no_more_makes_room_for_those_that_are() => Caches.Run(async caches =>
    {
        var process = NewProcess(caches, FindingHotKeys.Full(), hold: TimeSpan.FromSeconds(1));
        await FindingHotKeys.ReadAsync(caches, process.Things, 2_000, (_, _) => 7, readsPerStep: 8);
        await FindingHotKeys.ReadAsync(caches, process.Things, 4_000, (_, _) => 8, readsPerStep: 8);
        await process.Things.ReadAsync(7, new ReadOptions { MaxStaleness = TimeSpan.Zero });
        Assert.False(process.Things.TryPeek(7, out _));
        Assert.True(process.Things.TryPeek(8, out _));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_hot_key_that_cannot_be_held_is_asked_for_only_so_often_and_all_who_come_in_between_share_the_answer() => Caches.Run(async caches =>
    {
        var process = NewProcess(caches, FindingHotKeys.Full(), hotBytes: 0, asksPerSecondMax: 50);
        await FindingHotKeys.ReadAsync(caches, process.Things, 2_000, (_, _) => 7, readsPerStep: 8);
        Assert.True(process.Things.HotKeys()[0].IsHot);

        var before = process.Figures;
        var began = caches.Clock.GetUtcNow();
        for (var step = 0; step < 200; step++)
        {
            Task<string?>[] callers = [.. Enumerable.Range(0, 20).Select(_ => process.Things.GetAsync(7).AsTask())];
            caches.Advance(TimeSpan.FromMilliseconds(5));
            Assert.All(callers, caller => Assert.True(!caller.IsCompleted || caller.Result == "7"));
        }

        var seconds = (caches.Clock.GetUtcNow() - began).TotalSeconds;
        caches.Advance(TimeSpan.FromSeconds(1));
        Assert.InRange(process.Figures.Misses - before.Misses, 40 * seconds, (50 * seconds) + 1);
        Assert.Equal(20 * 200, process.Figures.Misses + process.Figures.Coalesced - before.Misses - before.Coalesced);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Keys_that_are_not_hot_are_asked_for_at_once() => Caches.Run(async caches =>
    {
        var process = NewProcess(caches, FindingHotKeys.Full(), hotBytes: 0, asksPerSecondMax: 30);
        await FindingHotKeys.ReadAsync(caches, process.Things, 2_000, (n, random) => n % 2 == 0 ? 7 : random.Next(100, 900), readsPerStep: 1);
        var began = caches.Clock.GetUtcNow();
        for (var key = 100; key < 200; key++)
        {
            await process.Things.GetAsync(key);
        }

        Assert.Equal(began, caches.Clock.GetUtcNow());
        var some = await process.Things.GetManyAsync([7, 901, 902]);
        Assert.Equal(["7", "901", "902"], some.OrderBy(one => one.Key).Select(one => one.Value));
        Assert.InRange(caches.Clock.GetUtcNow() - began, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));
    }, sharedBytes: 1 << 20);

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void An_invalidation_storm_makes_at_most_one_load_for_each_change_however_many_processes_read(int processes) => Caches.Run(async caches =>
    {
        var source = FindingHotKeys.Full();
        Process[] fleet = [.. Enumerable.Range(0, processes).Select(_ => NewProcess(caches, source, localBytes: 1 << 20, asksPerSecondMax: 50))];
        foreach (var one in fleet)
        {
            await FindingHotKeys.ReadAsync(caches, one.Things, 2_000, (_, _) => 7, readsPerStep: 40);
            Assert.True(one.Things.HotKeys()[0].IsHot);
        }

        var (loads, asks) = (source.Loads, fleet.Sum(one => one.Figures.Misses));
        var reads = new List<Task<string?>>();
        for (var change = 1; change <= 400; change++)
        {
            source[7] = $"{change}";
            await fleet[change % processes].Things.InvalidateAsync(7);
            reads.AddRange(fleet.Select(one => one.Things.GetAsync(7).AsTask()));
            caches.Advance(TimeSpan.FromMilliseconds(5));
        }

        caches.Advance(TimeSpan.FromSeconds(1));
        Assert.All(reads, read => Assert.True(read.IsCompletedSuccessfully));
        Assert.Equal("400", await fleet[0].Things.GetAsync(7));

        // 400 changes in two seconds: no more than one load for each, and no more than fifty asks a second from each process.
        Assert.InRange(source.Loads - loads, 1, processes == 1 ? 103 : 401);
        Assert.InRange(fleet.Sum(one => one.Figures.Misses) - asks, processes, processes * 103);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Where_stale_values_may_be_served_a_storm_makes_nobody_wait_and_few_renewals() => Caches.Run(async caches =>
    {
        var source = FindingHotKeys.Full();
        var process = NewProcess(caches, source, localBytes: 1 << 20, asksPerSecondMax: 20, declare: k => k.Policy(p =>
        {
            p.AfterInvalidation = Millpond.Shared.AfterInvalidation.Stale;
            p.StaleWhileRevalidate = TimeSpan.FromSeconds(5);
        }));
        await FindingHotKeys.ReadAsync(caches, process.Things, 2_000, (_, _) => 7, readsPerStep: 40);
        var loads = source.Loads;
        for (var change = 1; change <= 400; change++)
        {
            source[7] = $"{change}";
            await process.Things.InvalidateAsync(7);
            Assert.True(process.Things.GetAsync(7).IsCompletedSuccessfully);
            caches.Advance(TimeSpan.FromMilliseconds(5));
        }

        Assert.InRange(source.Loads - loads, 1, 41);
        caches.Advance(TimeSpan.FromSeconds(1));
        await process.Things.GetAsync(7);
        caches.Settle();
        Assert.Equal("400", await process.Things.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_read_after_a_change_does_not_join_one_that_has_had_its_turn_and_asks(bool isTierAway) => Caches.Run(async caches =>
    {
        var source = FindingHotKeys.Full();
        var tier = caches.Faulty();
        var process = NewProcess(caches, source, hotBytes: 0, asksPerSecondMax: 20, tier: tier);
        await FindingHotKeys.ReadAsync(caches, process.Things, 2_000, (_, _) => 7, readsPerStep: 8);
        Assert.True(process.Things.HotKeys()[0].IsHot);
        await process.Things.InvalidateAsync(7);
        await process.Things.GetAsync(7);
        await process.Things.InvalidateAsync(7);
        tier.Operations.IsDown = isTierAway;

        source.Hold();
        var (loads, before) = (source.Loads, process.Things.GetAsync(7).AsTask());
        Assert.Equal(loads, source.Loads);
        for (var n = 0; n < 100 && source.Loads == loads; n++)
        {
            caches.Advance(TimeSpan.FromMilliseconds(5));
        }

        Assert.Equal(loads + 1, source.Loads);
        source[7] = "new";
        await process.Things.InvalidateAsync(7);
        var after = process.Things.GetAsync(7).AsTask();
        source.Release();
        caches.Advance(TimeSpan.FromSeconds(1));
        Assert.True(before.IsCompletedSuccessfully);
        Assert.Equal("new", await after);
    }, sharedBytes: 1 << 20);

    private static Process NewProcess(
        Caches caches, Source source, long hotBytes = 1 << 20, long localBytes = 0, double asksPerSecondMax = 200, TimeSpan? hold = null, Action<KeyspaceBuilder<int, string>>? declare = null,
        Millpond.Shared.ISharedTier? tier = null)
    {
        var services = caches.Add(m => m
            .Configure(o =>
            {
                o.HotKeys.AsksPerSecondMax = asksPerSecondMax;

                // Fewer than the asks, because here one caller reads after another.
                o.HotKeys.ReadsPerSecondMin = 10;
                o.HotKeys.HoldTime = hold ?? TimeSpan.FromSeconds(10);
            })
            .AddKeyspace<int, string>("thing", k =>
            {
                k.Policy(p => p.Jitter = 0).Limits(l => (l.LocalBytesMax, l.LocalHotBytesMax) = (localBytes, hotBytes)).Load(source.LoadAsync);
                declare?.Invoke(k);
            }), tier);
        return new(services.GetRequiredService<IKeyspace<int, string>>(), services.GetRequiredService<ICache>());
    }

    private sealed record Process(IKeyspace<int, string> Things, ICache Cache)
    {
        public KeyspaceStatistics Figures => Cache.Statistics().Keyspaces.Single(one => one.Name == "thing");
    }
}
