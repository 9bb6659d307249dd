using Millpond.Events;
using Millpond.Shared;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;
using Millpond.WarmSides;

namespace Millpond.Tests.WarmSides;

/// <summary>What a cold shared tier does not have is asked of a warm one before the source.</summary>
public sealed class FillingFromAWarmSide
{
    [Fact]
    public void What_the_warm_side_has_is_copied_with_its_age_and_its_tags() => Regions.Run(async (regions, caches) =>
    {
        var loads = regions.Database.Loads;
        var reading = await Regions.Things(regions.InCold).ReadAsync(Regions.K);
        Assert.Equal(("v1", Regions.HoldOff, loads), (reading.Value, reading.Age, regions.Database.Loads));
        Assert.Equal((1, 1), (Regions.Figures(regions.InCold).Copied, Regions.Figures(regions.InCold).Loads));

        // It is an entry as any other from then on: shared, fresh no longer than there, and under its tags.
        var other = await regions.AddColdAsync();
        Assert.Equal(ReadOrigin.Shared, (await Regions.Things(other).ReadAsync(Regions.K)).Origin);
        caches.Advance(TimeSpan.FromMinutes(5) - Regions.HoldOff - TimeSpan.FromSeconds(1));
        Assert.True(Regions.Things(regions.InCold).TryPeek(Regions.K, out _));
        await Regions.Things(other).InvalidateTagAsync("tag 7");
        Assert.False(Regions.Things(regions.InCold).TryPeek(Regions.K, out _));
    });

    [Fact]
    public void When_the_hold_off_is_over_it_is_copied_again() => Regions.Run(async (regions, caches) =>
    {
        var cold = Regions.Things(regions.InCold);
        await cold.InvalidateManyAsync([Regions.K, 8]);
        caches.Advance(Regions.HoldOff - TimeSpan.FromSeconds(1));
        await cold.GetAsync(8);
        Assert.Equal(0, Regions.Figures(regions.InCold).Copied);
        caches.Advance(TimeSpan.FromSeconds(1));
        await cold.GetAsync(Regions.K);
        Assert.Equal(1, Regions.Figures(regions.InCold).Copied);
    });

    [Fact]
    public void How_long_it_is_held_off_is_an_option() => Regions.Run(async (regions, caches) =>
    {
        var quick = await regions.AddColdAsync(holdOff: TimeSpan.FromSeconds(1));
        await Regions.Things(quick).GetAsync(1_001);
        caches.Advance(TimeSpan.FromSeconds(1));
        await Regions.Things(quick).GetAsync(Regions.K);
        Assert.Equal(1, Regions.Figures(quick).Copied);
    });

    [Theory]
    [InlineData("tag 7", 0)]
    [InlineData("all", 0)]
    [InlineData("tag 8", 1)]
    public void What_is_stale_on_its_own_side_is_not_copied(string tag, int copied) => Regions.Run(async (regions, caches) =>
    {
        await Regions.Things(regions.InWarm).InvalidateTagAsync(tag);
        await Regions.Things(regions.InCold).GetAsync(Regions.K);
        Assert.Equal(copied, Regions.Figures(regions.InCold).Copied);
    });

    [Fact]
    public void What_another_life_of_the_warm_side_left_is_not_copied() => Regions.Run(async (regions, caches) =>
    {
        regions.Warm.RestartFrom(regions.Warm.Snapshot());
        await Regions.Things(regions.InCold).GetAsync(Regions.K);
        Assert.Equal(0, Regions.Figures(regions.InCold).Copied);
    });

    [Fact]
    public void A_warm_side_that_is_down_is_left_alone_and_the_source_is_asked() => Regions.Run(async (regions, caches) =>
    {
        regions.WayToWarm.Operations.IsDown = true;
        for (var key = 100; key < 120; key++)
        {
            regions.Database[key] = "x";
            Assert.Equal("x", await Regions.Things(regions.InCold).GetAsync(key));
        }

        regions.WayToWarm.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromSeconds(2));
        await Regions.Things(regions.InCold).GetAsync(121);
        await Regions.Things(regions.InCold).GetAsync(Regions.K);
        Assert.Equal(1, Regions.Figures(regions.InCold).Copied);
    });

    [Fact]
    public void One_that_is_not_there_yet_is_tried_again_and_nobody_waits_for_it() => Caches.Run(async caches =>
    {
        var warm = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var side = new WarmSide(warm, () => new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), caches.Surroundings);
        var heard = new Connections();
        warm.Operations.IsDown = true;
        side.Start(heard);
        caches.Settle();
        Assert.Null(side.NameOf("thing", "7"));
        warm.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromSeconds(5));
        Assert.NotNull(side.NameOf("thing", "7"));
        Assert.Equal([false, true], heard.Answered);
        side.Dispose();
        await Task.CompletedTask;
    });

    [Fact]
    public void More_changes_than_are_told_apart_hold_off_everything()
    {
        var now = 0L;
        var recent = new RecentChanges(() => now, () => TimeSpan.FromSeconds(10));
        recent.Note(Change.OfKey("a", AfterInvalidation.Gone));
        recent.Note(Change.OfScope(Scope.Tag("a")));
        Assert.Equal((0, 0, long.MinValue, long.MinValue), (recent.KeyChangedAt("a"), recent.ScopeChangedAt("#a"), recent.KeyChangedAt("b"), recent.ScopeChangedAt("#b")));

        now = TimeSpan.FromSeconds(5).Ticks;
        recent.Note(Change.OfKey("a", AfterInvalidation.Gone));
        now = TimeSpan.FromSeconds(11).Ticks;
        recent.Note(Change.OfKey("c", AfterInvalidation.Gone));
        Assert.Equal((TimeSpan.FromSeconds(5).Ticks, long.MinValue), (recent.KeyChangedAt("a"), recent.ScopeChangedAt("#a")));

        for (var n = 0; n <= RecentChanges.EntriesMax; n++)
        {
            recent.Note(Change.OfKey($"{n}", AfterInvalidation.Gone));
        }

        Assert.Equal(now, recent.KeyChangedAt("never heard of"));
        recent.Note(Change.OfKeyspace());
        Assert.Equal(now, recent.ScopeChangedAt("#z"));
    }

    private sealed class Connections : CacheListener
    {
        public List<bool> Answered { get; } = [];

        public override void On(in WarmSideConnected e) => Answered.Add(e.Failure is null);
    }
}
