using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>A subject whose hits are timed, one round after the other.</summary>
internal abstract class HitSubject(string name, string baseline)
{
    private readonly List<double> _overlappedNs = [];
    private readonly List<double> _latencyNs = [];
    private double _processorNs;
    private double _bytes;
    private long _hits;

    public string Name => name;

    /// <summary>Whom it is compared with: the dictionary with the same keys.</summary>
    public string Baseline => baseline;

    /// <summary>How long one look-up takes among many that the processor may work on at once; the median of the rounds.</summary>
    public double OverlappedNs => _overlappedNs.Order().ElementAt(_overlappedNs.Count / 2);

    /// <summary>How long one takes that begins when the one before has its value.</summary>
    public double LatencyNs => _latencyNs.Order().ElementAt(_latencyNs.Count / 2);

    public double LeastNs => _latencyNs.Min();

    /// <summary>Processor time of the whole process for each hit: whatever a background thread does for it is in it.</summary>
    public double ProcessorNs => _processorNs / _hits;

    public double ProcessorToWall => _processorNs / _hits / _overlappedNs.Average();

    public double Bytes => _bytes / _hits;

    /// <summary>Throws unless every look-up finds the value of its own key.</summary>
    /// <param name="expected">The value of the nth look-up.</param>
    public abstract void Verify(Func<int, object> expected);

    /// <summary>Has the loop compiled as well as it will be: many short calls, with pauses of its own making for the compiler's thread.</summary>
    public void WarmUp(TimeSpan time)
    {
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < time)
        {
            Look(0, 2_000);
            LookInTurn(0, 2_000);
        }
    }

    public void Measure(int hits)
    {
        // Brings back what the subjects before have driven out of the processor's caches.
        Look(0, hits / 2);
        var processor = Environment.CpuUsage.TotalTime;
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var begun = Stopwatch.GetTimestamp();
        var found = Look(hits / 2, hits);
        var wall = Stopwatch.GetElapsedTime(begun);
        _bytes += GC.GetAllocatedBytesForCurrentThread() - bytes;
        _processorNs += (Environment.CpuUsage.TotalTime - processor).TotalNanoseconds;
        _overlappedNs.Add(wall.TotalNanoseconds / hits);
        _hits += hits;
        begun = Stopwatch.GetTimestamp();
        var foundInTurn = LookInTurn(hits / 2, hits / 2);
        _latencyNs.Add(Stopwatch.GetElapsedTime(begun).TotalNanoseconds / (hits / 2));
        if (found != hits || foundInTurn != hits / 2)
        {
            throw new InvalidOperationException($"{Name} found {found} of {hits}.");
        }
    }

    /// <summary>Looks up so many, and says how many were hits.</summary>
    protected abstract int Look(int first, int count);

    /// <summary>The same, each when the one before has its value.</summary>
    protected abstract int LookInTurn(int first, int count);
}

/// <summary>A subject with its way to look up.</summary>
/// <param name="name">For the report.</param>
/// <param name="baseline">Whom it is compared with.</param>
/// <param name="lookup">The way.</param>
/// <param name="lookups">How many different look-ups there are: a power of two.</param>
internal sealed class HitSubject<TLookup>(string name, string baseline, TLookup lookup, int lookups) : HitSubject(name, baseline)
    where TLookup : struct, ILookup
{
    public override void Verify(Func<int, object> expected)
    {
        for (var n = 0; n < lookups; n++)
        {
            if (!ReferenceEquals(lookup.Find(n), expected(n)))
            {
                throw new InvalidOperationException($"{Name} has another value at look-up {n}.");
            }
        }
    }

    protected override int Look(int first, int count)
    {
        var (way, mask, found) = (lookup, lookups - 1, 0);
        for (var n = first; n < first + count; n++)
        {
            if (way.Find(n & mask) is not null)
            {
                found++;
            }
        }

        return found;
    }

    protected override int LookInTurn(int first, int count)
    {
        var (way, mask, found, n) = (lookup, lookups - 1, 0, first);
        for (var left = count; left > 0; left--)
        {
            var value = way.Find(n & mask);
            found += value is not null ? 1 : 0;

            // An address has no highest bit, so this adds one; but only who has the value knows that.
            n += 1 + (int)((nuint)Unsafe.As<object?, nint>(ref value) >> 63);
        }

        return found;
    }
}
