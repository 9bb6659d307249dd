using System.Diagnostics;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>A subject that one or more threads work on at once.</summary>
internal abstract class ThreadSubject(string name) : IDisposable
{
    public string Name => name;

    public abstract int Count { get; }

    public abstract void Dispose();

    /// <summary>Has a thread for each order work through it, all at once.</summary>
    /// <param name="orders">Which keys to ask for, for each thread.</param>
    /// <param name="operationsPerWrite">One operation of so many is a write; 0 if none is.</param>
    public abstract ThreadRun Run(IReadOnlyList<ReadOnlyMemory<int>> orders, int operationsPerWrite);
}

/// <summary>What threads did in a run.</summary>
internal sealed record ThreadRun(double Millions, double HitPercent);

internal sealed class ThreadSubject<TServing>(string name, TServing subject) : ThreadSubject(name)
    where TServing : struct, IServing
{
    // A method that is called often is compiled with what was learnt of it; one long loop would be replaced half way, by something else. A multiple of every mix.
    private const int Slice = 4_000;

    public override int Count => subject.Count;

    public override void Dispose() => subject.Dispose();

    public override ThreadRun Run(IReadOnlyList<ReadOnlyMemory<int>> orders, int operationsPerWrite)
    {
        var (hits, reads) = (0L, 0L);
        using var together = new Barrier(orders.Count + 1);
        var threads = orders.Select(order => new Thread(() =>
        {
            together.SignalAndWait();
            var (itsHits, itsReads) = WorkThrough(order.Span, operationsPerWrite);
            Interlocked.Add(ref hits, itsHits);
            Interlocked.Add(ref reads, itsReads);
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        together.SignalAndWait();
        var begun = Stopwatch.GetTimestamp();
        Array.ForEach(threads, thread => thread.Join());
        var took = Stopwatch.GetElapsedTime(begun);
        return new(orders.Sum(order => (long)order.Length) / took.TotalMicroseconds, 100.0 * hits / reads);
    }

    private (long Hits, long Reads) WorkThrough(ReadOnlySpan<int> order, int operationsPerWrite)
    {
        var (hits, reads) = (0L, 0L);
        for (; !order.IsEmpty; order = order[Math.Min(Slice, order.Length)..])
        {
            hits += WorkThroughSlice(order[..Math.Min(Slice, order.Length)], operationsPerWrite, ref reads);
        }

        return (hits, reads);
    }

    private int WorkThroughSlice(ReadOnlySpan<int> order, int operationsPerWrite, ref long reads)
    {
        var (its, hits, untilWrite) = (subject, 0, operationsPerWrite);
        foreach (var key in order)
        {
            if (--untilWrite == 0)
            {
                untilWrite = operationsPerWrite;
                its.Write(key);
                continue;
            }

            reads++;
            hits += its.Read(key) ? 1 : 0;
        }

        return hits;
    }
}
