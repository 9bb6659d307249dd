using Millpond.Policies;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;
using Millpond.Tests.WarmSides;

namespace Millpond.Tests.Anomalies;

/// <summary>A49: a cold cluster is filled from a warm one that has not heard of a change yet.</summary>
public sealed class WarmCopies
{
    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("keyspace")]
    public void A49_warm_copy_into_a_cold_cluster(string changed)
    {
        Assert.Equal("v2", ReadAfterChange(changed, null));

        // Without the hold-off, what the warm side has not heard of comes back and stays.
        Assert.Equal("v1", ReadAfterChange(changed, new CopiesAtOnce()));
    }

    [Fact]
    public void A49_a_change_that_this_process_has_not_heard_of() => Regions.Run(async (regions, caches) =>
    {
        // It hears nothing for a while, and then asks for a lease that was granted after the change.
        var way = caches.Faulty();
        var deaf = await regions.AddColdAsync(way);
        await Regions.Things(deaf).GetAsync(1_001);
        caches.Advance(Regions.HoldOff);
        way.Pushes.AreHeld = true;
        regions.Database[Regions.K] = "v2";
        await Regions.Things(regions.InCold).InvalidateAsync(Regions.K);

        Assert.Equal("v2", await Regions.Things(deaf).GetAsync(Regions.K));
        Assert.Equal(0, Regions.Figures(deaf).Copied);
    });

    [Fact]
    public void A49_a_process_that_has_just_come_does_not_know_what_changed_before() => Regions.Run(async (regions, caches) =>
    {
        regions.Database[Regions.K] = "v2";
        await Regions.Things(regions.InCold).InvalidateAsync(Regions.K);
        var late = await regions.AddColdAsync();
        caches.Settle();
        Assert.Equal("v2", await Regions.Things(late).GetAsync(Regions.K));
    });

    [Fact]
    public void A49_a_change_while_the_copy_is_on_its_way() => Regions.Run(async (regions, caches) =>
    {
        regions.WayToWarm.Operations.RequestDelay = TimeSpan.FromSeconds(2);
        var before = Regions.Things(regions.InCold).GetAsync(Regions.K).AsTask();
        caches.Advance(TimeSpan.FromSeconds(1));
        regions.Database[Regions.K] = "v2";
        await Regions.Things(regions.InCold).InvalidateAsync(Regions.K);
        Assert.Equal("v2", await Regions.Things(regions.InCold).GetAsync(Regions.K));
        caches.Advance(TimeSpan.FromSeconds(2));
        await before;

        Assert.Equal("v2", await Regions.Things(regions.InCold).GetAsync(Regions.K));
        Assert.Equal("v2", await Regions.Things(await regions.AddColdAsync()).GetAsync(Regions.K));
    });

    /// <summary>A change is made in the cold region and read there at once; what every reader gets from then on, until the warm side has heard.</summary>
    private static string ReadAfterChange(string changed, ProtocolRules? rules)
    {
        var read = new List<string?>();
        Regions.Run(
            async (regions, caches) =>
            {
                regions.Database[Regions.K] = "v2";
                var cold = Regions.Things(regions.InCold);
                await (changed switch
                {
                    "key" => cold.InvalidateAsync(Regions.K),
                    "tag" => cold.InvalidateTagAsync("tag 7"),
                    _ => cold.InvalidateAllAsync(),
                });
                read.Add(await cold.GetAsync(Regions.K));
                caches.Advance(Regions.HoldOff - TimeSpan.FromSeconds(1));
                await Regions.Things(regions.InWarm).InvalidateAsync(Regions.K);
                caches.Advance(TimeSpan.FromSeconds(5));
                read.Add(await cold.GetAsync(Regions.K));
            },
            rules);
        return Assert.Single(read.Distinct())!;
    }

    private sealed class CopiesAtOnce : ProtocolRules
    {
        public override bool MayCopy(long now, long changedAt, TimeSpan holdOff) => true;
    }
}
