using Microsoft.Extensions.DependencyInjection;
using Millpond.Events;
using Millpond.HotKeys;
using Millpond.Shared;
using Millpond.Tests.Rig;

namespace Millpond.Tests.HotKeys;

/// <summary>Keys that no process reads much, and all together do.</summary>
public sealed class FleetHotKeys
{
    private const int Tier = 1 << 20;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void A_key_that_is_hot_for_no_process_and_for_all_together_is_found_by_all() => Caches.Run(async caches =>
    {
        Heard[] heard = [.. Enumerable.Range(0, 5).Select(_ => new Heard())];
        IKeyspace<int, string>[] fleet = [.. heard.Select(one => Add(caches, one))];
        await ReadAsync(caches, fleet, seconds: 4);

        Assert.All(heard, one => Assert.InRange(Assert.Single(one.All<HotKeyFound>()).ReadsPerSecond, 100, 200));
        Assert.All(fleet, one =>
        {
            var hottest = one.HotKeys()[0];
            Assert.Equal((7, true), (hottest.Key, hottest.IsHot));
            Assert.InRange(hottest.ReadsPerSecond, 20, 60);
            Assert.InRange(hottest.FleetReadsPerSecond, 110, 200);
            Assert.InRange(hottest.FleetShare, 0.4, 0.6);
            Assert.All(one.HotKeys().Skip(1), other => Assert.False(other.IsHot));
        });
    }, Tier);

    [Fact]
    public void One_process_that_reads_it_as_little_has_no_hot_key_and_no_fleet() => Caches.Run(async caches =>
    {
        var heard = new Heard();
        var things = Add(caches, heard);
        await ReadAsync(caches, [things], seconds: 4);
        Assert.Empty(heard.All<HotKeyFound>());
        Assert.Equal((7, false, 0d), (things.HotKeys()[0].Key, things.HotKeys()[0].IsHot, things.HotKeys()[0].FleetReadsPerSecond));
    }, Tier);

    [Fact]
    public void Who_reads_other_things_makes_the_share_smaller() => Caches.Run(async caches =>
    {
        IKeyspace<int, string>[] fleet = [.. Enumerable.Range(0, 6).Select(_ => Add(caches, new Heard()))];
        for (var n = 0; n < 40; n++)
        {
            await ReadAsync(caches, fleet[..2], seconds: 0.1);
            await ReadOthersAsync(fleet[2..]);
        }

        Assert.InRange(fleet[0].HotKeys()[0].FleetShare, 0.1, 0.25);
    }, Tier);

    [Fact]
    public void A_process_that_has_gone_counts_no_more_after_three_seconds() => Caches.Run(async caches =>
    {
        IKeyspace<int, string>[] fleet = [.. Enumerable.Range(0, 2).Select(_ => Add(caches, new Heard()))];
        await ReadAsync(caches, fleet, seconds: 3);
        Assert.InRange(fleet[0].HotKeys()[0].FleetReadsPerSecond, 40, 100);
        await ReadAsync(caches, fleet[..1], seconds: 5);
        Assert.Equal(0, fleet[0].HotKeys()[0].FleetReadsPerSecond);
    }, Tier);

    [Fact]
    public void Nothing_is_told_where_it_is_turned_off() => Caches.Run(async caches =>
    {
        IKeyspace<int, string>[] fleet = [.. Enumerable.Range(0, 5).Select(_ => Add(caches, new Heard(), o => o.HotKeys.FleetPeriod = TimeSpan.Zero))];
        await ReadAsync(caches, fleet, seconds: 4);
        Assert.All(fleet, one => Assert.Equal((false, 0d), (one.HotKeys()[0].IsHot, one.HotKeys()[0].FleetReadsPerSecond)));
    }, Tier);

    [Fact]
    public void What_somebody_else_wrote_there_is_passed_over_and_replaced() => Caches.Run(async caches =>
    {
        var key = new SharedKey(new PartitionId("millpond:thing:v1~hot", 0), "reports");
        await caches.Shared.PutAsync(key, new() { Kind = RecordKind.Value, Payload = "\0nonsense"u8.ToArray(), Codec = 0x686F_7431, TimeToLive = TimeSpan.FromHours(1), HardTimeToLive = TimeSpan.FromHours(1), Stamp = 0, Incarnation = default }, default);
        IKeyspace<int, string>[] fleet = [.. Enumerable.Range(0, 5).Select(_ => Add(caches, new Heard()))];
        await ReadAsync(caches, fleet, seconds: 4);
        Assert.All(fleet, one => Assert.True(one.HotKeys()[0].IsHot));
        Assert.Equal(5, HotReport.Decode((await caches.Shared.ReadAsync(key, null, default)).Record!.Payload.Span).Count);
    }, Tier);

    [Fact]
    public void A_shared_tier_that_is_away_is_told_nothing_and_nobody_minds() => Caches.Run(async caches =>
    {
        var tier = caches.Faulty();
        var things = Add(caches, new Heard(), tier: tier);
        await ReadAsync(caches, [things], seconds: 1);
        tier.Operations.IsDown = true;
        await ReadAsync(caches, [things], seconds: 4);
        tier.Operations.IsDown = false;
        await ReadAsync(caches, [things, Add(caches, new Heard())], seconds: 8);
        Assert.InRange(things.HotKeys()[0].FleetReadsPerSecond, 40, 100);
    }, Tier);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("[{\"Process\":\"a\",\"Age\":0,\"Reads\":1}]")]
    [InlineData("[{\"Process\":\"a\",\"Age\":-1,\"Reads\":1,\"Keys\":{}}]")]
    [InlineData("[{\"Process\":\"a\",\"Age\":0,\"Reads\":1e999,\"Keys\":{}}]")]
    [InlineData("[{\"Process\":\"a\",\"Age\":0,\"Reads\":1,\"Keys\":{\"x\":-1}}]")]
    public void A_report_that_no_process_writes_is_none(string bytes) => Assert.Empty(HotReport.Decode(System.Text.Encoding.UTF8.GetBytes(bytes)));

    private static IKeyspace<int, string> Add(Caches caches, Heard heard, Action<MillpondOptions>? configure = null, ISharedTier? tier = null) => caches.Add(
        m => m.Configure(configure ?? (_ => { })).AddKeyspace<int, string>("thing", k => k.Load(FindingHotKeys.Full().LoadAsync).Limits(l => (l.LocalBytesMax, l.LocalHotBytesMax) = (0, 0))),
        tier, more: services => services.AddSingleton<CacheListener>(heard)).GetRequiredService<IKeyspace<int, string>>();

    /// <summary>Each reads sixty times a second, and half of them one key.</summary>
    private static async Task ReadAsync(Caches caches, IKeyspace<int, string>[] fleet, double seconds)
    {
        var random = new Random(5);
        for (var n = 0; n < seconds * 10; n++)
        {
            foreach (var one in fleet)
            {
                for (var read = 0; read < 6; read++)
                {
                    await one.GetAsync(read % 2 == 0 ? 7 : random.Next(1_000));
                }
            }

            caches.Advance(Step);
        }
    }

    private static async Task ReadOthersAsync(IKeyspace<int, string>[] fleet)
    {
        var random = new Random(6);
        foreach (var one in fleet)
        {
            for (var read = 0; read < 6; read++)
            {
                await one.GetAsync(random.Next(1_000));
            }
        }
    }
}
