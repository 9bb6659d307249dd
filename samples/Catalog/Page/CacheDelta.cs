namespace Catalog.Page;

/// <summary>What happened between two collections of the meter, scaled to one second.</summary>
internal sealed class CacheDelta(IReadOnlyDictionary<Measurement, double> before, IReadOnlyDictionary<Measurement, double> now, double seconds)
{
    public CacheSample Sample(CacheMeter meter)
    {
        double hits = Rate("millpond.hits");
        double misses = Rate("millpond.misses", IsOfRead);
        double coalesced = Rate("millpond.coalesced");
        return new CacheSample
        {
            Local = Rate("millpond.hits", of => of.Tier == "local"),
            Shared = Rate("millpond.hits", of => of.Tier == "shared"),
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

    /// <summary>A read that this process cannot answer may also miss in the shared tier; it is one miss all the same.</summary>
    private static bool IsOfRead(Measurement of) => of.Tier != "shared";

    private double Standing(string instrument) => now.Where(of => of.Key.Instrument == instrument).Sum(of => of.Value);

    private Dictionary<string, double> ByCause(string instrument) =>
        now.Where(of => of.Key.Instrument == instrument)
            .GroupBy(of => of.Key.Cause)
            .ToDictionary(group => group.Key, group => group.Sum(Grown) / seconds);

    private double Grown(KeyValuePair<Measurement, double> of) => of.Value - before.GetValueOrDefault(of.Key);
}
