using System.Diagnostics;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>One subject at work from empty on, with a time stamp before and after each operation. The stamps' own cost is in every figure.</summary>
internal sealed class SlowRun
{
    // One write to nine reads: enough of both.
    private const int OperationsPerWrite = 10;

    // Called often, so that it is compiled with what was learnt of it: see ThreadSubject.
    private const int Slice = 1_000;

    private readonly int[] _order;

    /// <param name="order">Which keys to ask for.</param>
    public SlowRun(int[] order)
    {
        _order = order;
        Hits = new LatencySamples(order.Length);
        Misses = new LatencySamples(order.Length);
        Writes = new LatencySamples(order.Length);
    }

    public LatencySamples Hits { get; }

    /// <summary>Reads that found nothing and stored the value.</summary>
    public LatencySamples Misses { get; }

    public LatencySamples Writes { get; }

    /// <summary>How long the collector stopped the threads, in milliseconds.</summary>
    public double CollectorMs { get; private set; }

    public void Run<TServing>(TServing subject)
        where TServing : struct, IServing
    {
        GC.Collect();
        var paused = GC.GetTotalPauseDuration();
        for (var first = 0; first < _order.Length; first += Slice)
        {
            RunSlice(subject, _order.AsSpan(first, Math.Min(Slice, _order.Length - first)));
        }

        CollectorMs = (GC.GetTotalPauseDuration() - paused).TotalMilliseconds;
    }

    private void RunSlice<TServing>(TServing subject, ReadOnlySpan<int> order)
        where TServing : struct, IServing
    {
        for (var n = 0; n < order.Length; n++)
        {
            var key = order[n];
            if (n % OperationsPerWrite == 0)
            {
                var begun = Stopwatch.GetTimestamp();
                subject.Write(key);
                Writes.Add(Stopwatch.GetTimestamp() - begun);
            }
            else
            {
                var begun = Stopwatch.GetTimestamp();
                var hit = subject.Read(key);
                var took = Stopwatch.GetTimestamp() - begun;
                (hit ? Hits : Misses).Add(took);
            }
        }
    }
}
