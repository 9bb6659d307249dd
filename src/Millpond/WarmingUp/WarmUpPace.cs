using Millpond.Events;

namespace Millpond.WarmingUp;

/// <summary>
/// How large a part of the time a keyspace spends on its warm-up; the rest of it, nothing is asked for ahead. It begins low, grows step by step up to the share of callers' reads that are served from this process, and is
/// halved whenever the source is found under pressure. Where nobody reads yet there is nobody to make room for.
/// </summary>
internal sealed class WarmUpPace(KeyspaceCounters counters)
{
    public const double PartMin = 0.05;
    public const double PartFirst = 0.5;

    /// <summary>After five batches that went well, all of the time.</summary>
    public const double Step = 0.1;

    // Fewer reads than this are no ratio.
    private const double ReadsMin = 20;

    // What was read some ten batches ago says nothing of what is held by now.
    private const double FadePerBatch = 0.8;

    // Loads may take as long as they like; a warm-up whose rests grew with them would never end.
    private static readonly TimeSpan RestMax = TimeSpan.FromSeconds(1);

    private double _hits;
    private double _reads;
    private long _hitsSeen = Hits(counters);
    private long _missesSeen = Misses(counters);

    /// <summary>The part of the time, above 0 and up to 1.</summary>
    public double Part { get; private set; } = PartFirst;

    /// <summary>Somebody waits for the source, or it fails.</summary>
    public void Pressed() => Part = Math.Max(PartMin, Part / 2);

    /// <summary>A batch is done: how long to rest before the next one.</summary>
    public TimeSpan RestAfter(TimeSpan batch)
    {
        Part = Math.Max(PartMin, Math.Min(Part + Step, Ceiling()));
        var rest = batch * ((1 - Part) / Part);
        return rest < RestMax ? rest : RestMax;
    }

    private static long Hits(KeyspaceCounters counters) =>
        counters.Hits(ReadOrigin.Local, false, false) + counters.Hits(ReadOrigin.Local, true, false) + counters.Hits(ReadOrigin.Local, false, true) + counters.Hits(ReadOrigin.Local, true, true);

    private static long Misses(KeyspaceCounters counters) => counters.Misses.Value + counters.Coalesced.Value;

    private double Ceiling()
    {
        var (hits, misses) = (Hits(counters), Misses(counters));
        _hits = (_hits * FadePerBatch) + (hits - _hitsSeen);
        _reads = (_reads * FadePerBatch) + (hits - _hitsSeen) + (misses - _missesSeen);
        (_hitsSeen, _missesSeen) = (hits, misses);
        return _reads < ReadsMin ? 1 : _hits / _reads;
    }
}
