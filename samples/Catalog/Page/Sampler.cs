using Catalog.Database;
using Catalog.Drills;
using Catalog.Load;
using Catalog.Shop;
using Millpond;

namespace Catalog.Page;

/// <summary>Turns the running totals into one sample a second.</summary>
internal sealed class Sampler(
    CacheMeter meter, SourceSwitch source, ShopTraffic traffic, LoadFigures load, HotKeys hot, ProductNames names, DrillBoard drills,
    ShopKeyspaces keyspaces,
    TimeProvider time)
{
    private const int TopProducts = 8;

    private readonly long _started = time.GetTimestamp();
    private Totals _before = new(0, 0, 0, 0, 0, 0, 0, new Dictionary<Measurement, double>());

    public LiveSample Take()
    {
        Totals before = _before;
        Totals now = Now();
        double seconds = Math.Max(0.001, now.At - before.At);
        hot.Tick(TopProducts);
        var sample = new LiveSample
        {
            At = Math.Round(now.At, 2),
            Requests = (now.Requests - before.Requests) / seconds,
            Failures = (now.Failures - before.Failures) / seconds,
            Http = load.Latency.Read(),
            Shed = (now.Shed - before.Shed) / seconds,
            Cache = new CacheDelta(before.Cache, now.Cache, seconds).Sample(meter),
            Database = new DatabaseSample(
                (now.Reads - before.Reads) / seconds,
                (now.ReadsWithoutCache - before.ReadsWithoutCache) / seconds,
                (now.Writes - before.Writes) / seconds),
            Ages = meter.Ages.Turn(),
            Top = Top(),
            Drills = drills.Running(),
        };
        meter.Hits.Turn();
        meter.Misses.Turn();
        load.Latency.Turn();
        _before = now;
        return sample;
    }

    private TopProduct[] Top()
    {
        Dictionary<int, HotKey<int>> known = keyspaces.Products.HotKeys().ToDictionary(one => one.Key);
        return
        [
            .. hot.Top.Select(key =>
            {
                (string name, string platform) = names.Of(key.Id);
                HotKey<int> read = known.GetValueOrDefault(key.Id);
                return new TopProduct(key.Id, name, platform, key.PerSecond, read.IsHot, read.FleetReadsPerSecond);
            }),
        ];
    }

    /// <summary>Everything since the start.</summary>
    public Totals Now()
    {
        long writes = source.Sent.Of(QueryKind.Write);
        return new Totals(
            time.GetElapsedTime(_started).TotalSeconds, traffic.Requests, traffic.Failures, load.Shed, source.Sent.Total - writes,
            traffic.QueriesWithoutCache, writes, meter.Collect());
    }
}

/// <summary>Running totals at one moment.</summary>
internal sealed record Totals(
    double At, long Requests, long Failures, long Shed, long Reads, long ReadsWithoutCache, long Writes,
    IReadOnlyDictionary<Measurement, double> Cache)
{
    public double Local => Hits("local");

    public double Shared => Hits("shared");

    /// <summary>Reads that no tier answered: what this process missed, less what the shared tier then had.</summary>
    public double Misses => Math.Max(0, Cache.Where(of => of.Key is { Instrument: "millpond.misses", Tier: not "shared" }).Sum(of => of.Value) - Shared);

    public double Sum(string instrument) => Cache.Where(of => of.Key.Instrument == instrument).Sum(of => of.Value);

    private double Hits(string tier) => Cache.Where(of => of.Key.Instrument == "millpond.hits" && of.Key.Tier == tier).Sum(of => of.Value);
}
