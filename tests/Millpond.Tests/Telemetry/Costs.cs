using System.Diagnostics.Metrics;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Telemetry;

public sealed class Costs
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["cache"] = ["default"],
        ["keyspace"] = ["thing", "adhoc"],
        ["source"] = ["default"],
        ["tier"] = ["local", "shared", "source"],
        ["freshness"] = ["fresh", "stale"],
        ["negative"] = ["True", "False"],
        ["cause"] = ["capacity", "expired", "invalidated", "replaced", "ahead", "early", "stale"],
        ["reason"] = ["expired", "invalidated", "scope_invalidated", "incarnation", "channel_silent", "doubted", "lease_lost", "other_incarnation", "breaker_open"],
        ["scope"] = ["key", "scope", "keyspace"],
        ["origin"] = ["made", "heard"],
        ["operation"] = ["read", "wait", "fill", "release", "put", "begin_write", "subscribe", "read_control", "change", "change_again"],
        ["event"] = ["restored", "broken", "gap_closed", "lost", "other_incarnation"],
        ["priority"] = ["interactive"],
        ["state"] = ["open"],
        ["result"] = ["found", "missing", "at_once", "within_1s", "within_10s", "within_1min", "within_5min", "inconsistent", "unknown"],
        ["error.type"] = ["MP1301", "MP1308", "System.TimeZoneNotFoundException"],
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_hit_allocates_nothing_whether_or_not_anybody_listens(bool isHeard) => Caches.Run(async caches =>
    {
        var process = Watched.In(caches, new Source { [7] = "seven" }, only: _ => false);
        using var listener = new MeterListener();
        var samples = 0;
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (isHeard && ReferenceEquals(instrument.Meter.Scope, process.Meters))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => samples++);
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => { });
        listener.Start();
        var things = process.Things;
        await things.GetAsync(7);
        Hit(10_000);
        samples = 0;

        Assert.Equal(0, Allocation.LeastOf(() => Hit(1024)));
        Assert.Equal(isHeard ? 20 : 0, samples);

        void Hit(int times)
        {
            for (var n = 0; n < times; n++)
            {
                _ = things.GetAsync(7).Result;
            }
        }
    });

    [Fact]
    public void Tags_come_from_fixed_sets_and_declared_names_however_many_keys_there_are() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var tier = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var process = Watched.In(caches, source, k => k.Policy(p => p.StaleIfError = TimeSpan.FromHours(1)), tier: tier);
        for (var key = 0; key < 500; key++)
        {
            await process.Things.GetAsync(key);
            await process.Things.InvalidateAsync(key);
            await process.Things.InvalidateTagAsync($"tag{key}");
        }

        source.Failure = new TimeZoneNotFoundException("for key 7");
        tier.Operations.LossOfRequests = 0.5;
        for (var key = 0; key < 50; key++)
        {
            await Assert.ThrowsAsync<MillpondException>(() => process.Things.GetAsync(key).AsTask());
            await process.Things.InvalidateAsync(key);
        }

        foreach (var one in process.Meters.All)
        {
            Assert.True(one.Tags.Contains("cache=default") && one.Tags.Any(tag => tag.StartsWith("keyspace=", StringComparison.Ordinal) || tag.StartsWith("source=", StringComparison.Ordinal)), one.Instrument);
            Assert.All(one.Tags, tag => Assert.Contains(tag.Split('=', 2)[1], Allowed[tag.Split('=', 2)[0]]));
        }

        var series = process.Meters.All.Select(one => $"{one.Instrument} {string.Join(' ', one.Tags.Order())}").Distinct().Count();
        Assert.InRange(series, 50, 160);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Every_instrument_has_a_unit_and_a_description_and_its_row_in_the_guide() => Caches.Run(async caches =>
    {
        var process = Watched.In(caches, new Source());
        await process.Things.GetAsync(7);

        Assert.All(process.Meters.Published, one => Assert.True(one.Unit?.Length > 0 && one.Description?.Length > 0, one.Name));
        var guide = File.ReadAllLines(Path.Combine(Root(), "docs", "guide", "observability.md"));
        Assert.InRange(process.Meters.Published.Count, 50, guide.Length);
        Assert.All(process.Meters.Published, one => Assert.Single(guide, line => line.StartsWith($"| `{one.Name}` |", StringComparison.Ordinal) && line.Contains($"| `{one.Unit}` |", StringComparison.Ordinal)));
    });

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Millpond.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
