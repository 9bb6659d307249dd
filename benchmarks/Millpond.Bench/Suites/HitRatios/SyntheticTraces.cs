namespace Millpond.Bench.Suites.HitRatios;

/// <summary>Traces that need no file: Zipf 0.99 as it is, with a hot set that moves, and with scans in between. The same in every run.</summary>
internal static class SyntheticTraces
{
    public static IEnumerable<Trace> Make(int reads)
    {
        yield return Trace.Numbered("zipf", Zipf.Ranks(1_000_000, reads, seed: 1));
        yield return Trace.Numbered("zipf drifting", Drift(Zipf.Ranks(200_000, reads, seed: 2), reads));
        yield return Trace.Numbered("zipf scanned", Scanned(Zipf.Ranks(200_000, reads, seed: 3)));
    }

    // Forty times over the trace an eighth of all keys, popular or not, gives way to keys that nobody has seen.
    private static IEnumerable<int> Drift(IEnumerable<int> keys, int reads) => keys.Select((key, i) =>
    {
        const int Phases = 40;
        var phase = (int)((long)i * Phases / reads);
        var generation = (phase / 8) + ((uint)key * 0x9E37_79B1 >> 29 < phase % 8 ? 1 : 0);
        return key + (generation * 1_000_000);
    });

    // After every 100,000 reads a scan is mixed in: every other read, for 50,000 reads, is of a key that comes once.
    private static IEnumerable<int> Scanned(IEnumerable<int> keys)
    {
        var (read, once) = (0, 100_000_000);
        foreach (var key in keys)
        {
            yield return read++ % 100_000 >= 50_000 && read % 2 == 0 ? once++ : key;
        }
    }
}
