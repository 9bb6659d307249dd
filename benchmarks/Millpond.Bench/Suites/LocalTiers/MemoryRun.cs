using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>What the collector says of one subject that holds many entries and is all that holds them.</summary>
/// <param name="keyOf">Makes the nth key anew.</param>
/// <param name="inlineKeyBytes">What a key takes that is no object, and so counts as the key's and not as the cache's.</param>
internal sealed class MemoryRun<TKey>(Func<int, TKey> keyOf, int inlineKeyBytes)
    where TKey : notnull
{
    private const int Collections = 5;
    private const int ReplacementsPerLook = 64;

    /// <summary>Bytes for each entry beyond key and value.</summary>
    public double Overhead { get; private set; }

    /// <summary>How long a full, blocking collection takes, in milliseconds; the median.</summary>
    public double CollectionMs { get; private set; }

    /// <summary>The processor time of the same: what remains of it on a machine that is busy.</summary>
    public double CollectionProcessorMs { get; private set; }

    /// <summary>How long the collector stopped the threads while values were replaced, in milliseconds.</summary>
    public double PausesMs { get; private set; }

    public double LongestPauseMs { get; private set; }

    public void Run(Func<IHolding<TKey>> create, int entries, int replacements)
    {
        using var subject = Fill(create, entries);
        Settle();
        var collections = Enumerable.Range(0, Collections).Select(_ => OneCollection()).ToArray();
        CollectionMs = collections.Select(one => one.WallMs).Order().ElementAt(Collections / 2);
        CollectionProcessorMs = collections.Select(one => one.ProcessorMs).Order().ElementAt(Collections / 2);
        Replace(subject, entries, replacements);
        // A tier that finds no room near a key's place does not hold it: a few of millions may go so.
        if (subject.Count < entries - (entries / 100_000))
        {
            throw new InvalidOperationException($"Of {entries} entries {subject.Count} are left.");
        }
    }

    // Not inlined, so that nothing but the subject holds on to keys and values once this has returned.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private IHolding<TKey> Fill(Func<IHolding<TKey>> create, int entries)
    {
        TKey[] keys = [.. Enumerable.Range(0, entries).Select(keyOf)];
        byte[][] values = [.. Enumerable.Range(0, entries).Select(_ => new byte[Workload.ValueBytes])];
        var before = Settle();
        var subject = create();
        for (var n = 0; n < entries; n++)
        {
            subject.Set(keys[n], values[n]);
        }

        Overhead = ((double)(Settle() - before) / entries) - inlineKeyBytes;
        // A tier that finds no room near a key's place does not hold it: a few of millions may go so.
        if (subject.Count < entries - (entries / 100_000))
        {
            throw new InvalidOperationException($"Of {entries} entries {subject.Count} are held.");
        }

        // They are measured as being there, so they have to be.
        GC.KeepAlive(keys);
        GC.KeepAlive(values);
        return subject;
    }

    // Entries all over the cache get values that are new, as in one that is in use: old memory then points to young, which is what costs the collector.
    private void Replace(IHolding<TKey> subject, int entries, int replacements)
    {
        var random = new Random(1);
        var before = GC.GetTotalPauseDuration();
        var seen = GC.GetGCMemoryInfo(GCKind.Any).Index;
        for (var n = 0; n < replacements; n++)
        {
            subject.Set(keyOf(random.Next(entries)), new byte[Workload.ValueBytes]);
            if (n % ReplacementsPerLook == 0 && GC.GetGCMemoryInfo(GCKind.Any) is var last && last.Index != seen)
            {
                seen = last.Index;
                LongestPauseMs = Math.Max(LongestPauseMs, last.PauseDurations.ToArray().Max().TotalMilliseconds);
            }
        }

        PausesMs = (GC.GetTotalPauseDuration() - before).TotalMilliseconds;
    }

    private static (double WallMs, double ProcessorMs) OneCollection()
    {
        var processor = Environment.CpuUsage.TotalTime;
        var begun = Stopwatch.GetTimestamp();
        GC.Collect(2, GCCollectionMode.Forced, blocking: true);
        return (Stopwatch.GetElapsedTime(begun).TotalMilliseconds, (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds);
    }

    private static long Settle()
    {
        for (var twice = 0; twice < 2; twice++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
