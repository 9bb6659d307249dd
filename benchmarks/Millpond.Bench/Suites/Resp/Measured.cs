using System.Diagnostics;

namespace Millpond.Bench.Suites.Resp;

/// <summary>What one subject did in one case. What a subject cannot tell is NaN.</summary>
internal sealed record Measured(double OpsPerSecond, double P50Us, double P99Us, double P999Us, double CpuUs, double BytesEach)
{
    // One call in eight is timed: the clock is read twice for it.
    private const int TimedEach = 8;
    private const int TimedMax = 1 << 20;

    /// <summary>Runs callers for a while; each calls again as soon as it is answered. <paramref name="operations"/> is how many operations a call is.</summary>
    public static async Task<Measured> RunAsync(int callers, TimeSpan time, int operations, Func<int, Func<ValueTask>> caller)
    {
        var stop = false;
        var (calls, timed, times) = (0L, 0, new long[TimedMax]);
        using var process = Process.GetCurrentProcess();
        GC.Collect();
        var (cpu, bytes, start) = (process.TotalProcessorTime, GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        var all = Enumerable.Range(0, callers).Select(i => Task.Run(async () =>
        {
            var (call, count) = (caller(i), 0L);
            for (; !Volatile.Read(ref stop); count++)
            {
                if (count % TimedEach != 0)
                {
                    await call();
                    continue;
                }

                var begun = Stopwatch.GetTimestamp();
                await call();
                if (Interlocked.Increment(ref timed) is var at && at < TimedMax)
                {
                    times[at] = Stopwatch.GetTimestamp() - begun;
                }
            }

            Interlocked.Add(ref calls, count);
        })).ToArray();
        await Task.Delay(time);
        Volatile.Write(ref stop, true);
        await Task.WhenAll(all);
        var elapsed = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        (cpu, bytes) = (process.TotalProcessorTime - cpu, GC.GetTotalAllocatedBytes() - bytes);
        var sorted = times[1..Math.Min(timed, TimedMax)];
        Array.Sort(sorted);
        double Quantile(double q) => sorted.Length == 0 ? double.NaN : sorted[(int)(sorted.Length * q)] * 1e6 / Stopwatch.Frequency;
        var done = (double)calls * operations;
        return new Measured(done / elapsed.TotalSeconds, Quantile(0.5), Quantile(0.99), Quantile(0.999), cpu.TotalMicroseconds / done, bytes / done);
    }
}
