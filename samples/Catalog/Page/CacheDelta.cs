namespace Catalog.Page;

/// <summary>What happened between two collections of the meter, scaled to one second.</summary>
internal sealed class CacheDelta(IReadOnlyDictionary<Measurement, double> before, IReadOnlyDictionary<Measurement, double> now, double seconds)
{
    public CacheSample Sample(CacheMeter meter)
    {
        double hits = Rate("millpond.hits");
        double shared = Rate("millpond.hits", of => of.Tier == "shared");
        double misses = Math.Max(0, Rate("millpond.misses", IsOfRead) - shared);
        double coalesced = Rate("millpond.coalesced");
        return new CacheSample
        {
            Local = Rate("millpond.hits", of => of.Tier == "local"),
            Shared = shared,
            Stale = Rate("millpond.hits", of => of.Freshness == "stale"),
            Negative = Rate("millpond.hits", of => of.Negative),
            Misses = misses,
            HitRatio = hits + misses > 0 ? hits / (hits + misses) : null,
            HitTime = meter.Hits.Read(),
            MissTime = meter.Misses.Read(),
            Loads = Rate("millpond.loads"),
            LoadFailures = Rate("millpond.load.failures"),
            Coalesced = coalesced,
            CoalescedWait = coalesced > 0 ? Rate("millpond.coalesced.wait") / coalesced * 1e3 : 0,
            Entries = Standing("millpond.local.entries"),
            Bytes = Standing("millpond.local.bytes"),
            AgeAtEviction = now.Where(of => of.Key.Instrument == "millpond.local.age_at_eviction").Select(of => (double?)of.Value * 1e3).Min(),
            Refreshes = ByCause("millpond.refreshes"),
            StaleServed = ByCause("millpond.stale_served"),
            Evictions = ByCause("millpond.evictions"),
            Changes = ByCause("millpond.changes"),
        };
    }

    private double Rate(string instrument, Func<Measurement, bool>? only = null) =>
        now.Where(of => of.Key.Instrument == instrument && (only?.Invoke(of.Key) ?? true)).Sum(Grown) / seconds;

    /// <summary>What this process cannot answer counts once, and as a hit if the shared tier answers it; that it missed there too is no second miss.</summary>
    private static bool IsOfRead(Measurement of) => of.Tier != "shared";

    private double Standing(string instrument) => now.Where(of => of.Key.Instrument == instrument).Sum(of => of.Value);

    private Dictionary<string, double> ByCause(string instrument) =>
        now.Where(of => of.Key.Instrument == instrument)
            .GroupBy(of => of.Key.Cause)
            .ToDictionary(group => group.Key, group => group.Sum(Grown) / seconds);

    private double Grown(KeyValuePair<Measurement, double> of) => of.Value - before.GetValueOrDefault(of.Key);
}
