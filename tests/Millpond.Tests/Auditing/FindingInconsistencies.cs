using Microsoft.Extensions.DependencyInjection;
using Millpond.Events;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Auditing;

public sealed class FindingInconsistencies
{
    private const int Tier = 1 << 20;
    private static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(0)]
    [InlineData(Tier)]
    public void What_agrees_with_the_source_agrees_at_once_and_is_left_as_it_is(int sharedBytes) => Caches.Run(async caches =>
    {
        var source = Full();
        var process = await Process.StartAsync(caches, source);
        await process.ReadAsync(0, 20);
        var (figures, held) = (process.Figures, await process.Things.ReadAsync(3));
        caches.Advance(TimeSpan.FromSeconds(30));

        Assert.InRange(process.Audit.Checks, 28, 30);
        Assert.All(process.Audit.ConsistentWithin.Values, share => Assert.Equal(1, share));
        Assert.Equal((0, 0L, 0L), (process.Audit.Suspects, process.Audit.Inconsistent, process.Audit.Unknown));
        Assert.Equal(20 + process.Audit.Checks, source.Loads);
        Assert.Equal(figures.Misses, process.Figures.Misses);
        Assert.Equal(held.Age + TimeSpan.FromSeconds(30), (await process.Things.ReadAsync(3)).Age);
    }, sharedBytes);

    [Fact]
    public void What_nobody_told_is_found_and_followed_for_five_minutes() => Caches.Run(async caches =>
    {
        var source = Full();
        var process = await Process.StartAsync(caches, source);
        await process.ReadAsync(7, 8);
        source[7] = "changed by a script";
        caches.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(process.Heard.All<InconsistencyFound>());
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(("thing", "the local tier"), process.Heard.All<InconsistencyFound>().Select(one => (one.Keyspace, one.Tiers)).Distinct().Single());
        caches.Advance(FiveMinutes);

        Assert.True(process.Audit.Inconsistent > 0);
        Assert.All(process.Audit.ConsistentWithin.Values, share => Assert.Equal(0, share));
        var finding = process.Audit.Findings[^1];
        Assert.Equal(("7", true), (finding.Key, finding.IsInconsistent));
        Assert.InRange(finding.For, TimeSpan.FromSeconds(10), FiveMinutes + TimeSpan.FromSeconds(30));
        Assert.Contains("the local tier differed from the source. Key 7 of keyspace thing. Local tier: fresh", finding.Trail[0], StringComparison.Ordinal);
        Assert.InRange(process.Heard.All<InconsistencyFound>().Count(), 2, 6);
    });

    [Fact]
    public void What_is_told_late_is_known_to_be_right_from_then_on() => Caches.Run(async caches =>
    {
        var source = Full();
        var process = await Process.StartAsync(caches, source, o => o.ChecksPerSecond = 0.5);
        await process.ReadAsync(7, 8);
        caches.Advance(TimeSpan.FromSeconds(1));
        source[7] = "new";
        caches.Advance(TimeSpan.FromSeconds(4.5));
        await process.Things.InvalidateAsync(7);
        await process.ReadAsync(7, 8);
        caches.Advance(TimeSpan.FromMinutes(2));

        var within = process.Audit.ConsistentWithin;
        Assert.InRange(within[TimeSpan.Zero], 0.5, 0.999);
        Assert.InRange(within[TimeSpan.FromSeconds(1)], within[TimeSpan.Zero], 0.999);
        Assert.Equal(1, within[TimeSpan.FromSeconds(10)]);
        Assert.Equal((0, 0L), (process.Audit.Suspects, process.Audit.Inconsistent));
        Assert.Equal("new", await process.Things.GetAsync(7));
    });

    [Fact]
    public void The_shared_tier_is_compared_where_nothing_is_held_here() => Caches.Run(async caches =>
    {
        var source = Full();
        var process = await Process.StartAsync(caches, source, declare: k => k.Limits(l => l.LocalBytesMax = 0));
        await process.ReadAsync(7, 8);
        await process.Things.InvalidateAsync(7);
        await process.ReadAsync(7, 8);
        source[7] = "changed by a script";
        caches.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("the shared tier", Assert.Single(process.Heard.All<InconsistencyFound>()).Tiers);
    }, Tier);

    [Fact]
    public void A_row_that_is_there_by_now_belies_what_says_that_it_is_not() => Caches.Run(async caches =>
    {
        var source = new Source();
        var process = await Process.StartAsync(caches, source, declare: k => k.Policy(p => p.NegativeTimeToLive = TimeSpan.FromHours(1)));
        await process.ReadAsync(7, 8);
        caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, process.Audit.ConsistentWithin[TimeSpan.Zero]);
        source[7] = "inserted";
        caches.Advance(TimeSpan.FromSeconds(2));
        Assert.True(process.Audit.Suspects > 0);
    });

    [Fact]
    public void Of_many_that_are_held_the_one_that_has_just_changed_comes_first() => Caches.Run(async caches =>
    {
        var source = Full();
        var process = await Process.StartAsync(caches, source, o => o.ChecksPerSecond = 1);
        await process.ReadAsync(0, 900);

        // Told before it was done: what everybody is warned of.
        await process.Things.InvalidateAsync(7);
        await process.ReadAsync(7, 8);
        source[7] = "new";
        caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, process.Audit.Suspects);
        caches.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal("7", Assert.Single(process.Audit.Findings).Key);
    });

    [Fact]
    public void What_is_not_fresh_says_nothing() => Caches.Run(async caches =>
    {
        var source = Full();
        var process = await Process.StartAsync(caches, source, declare: k => k.Policy(p => (p.TimeToLive, p.StaleIfError) = (TimeSpan.FromSeconds(3), TimeSpan.FromHours(1))));
        await process.ReadAsync(7, 8);
        caches.Advance(TimeSpan.FromSeconds(3.5));
        var checks = process.Audit.Checks;
        source[7] = "new";
        caches.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal((checks, 0), (process.Audit.Checks, process.Audit.Suspects));
    });

    private static Source Full()
    {
        var source = new Source();
        for (var key = 0; key < 1_000; key++)
        {
            source[key] = $"{key}";
        }

        return source;
    }
}
