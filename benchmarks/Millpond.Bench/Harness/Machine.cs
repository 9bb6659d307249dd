using System.Diagnostics;
using System.Runtime;
using System.Runtime.InteropServices;

namespace Millpond.Bench.Harness;

/// <summary>
/// What the figures depend on. The distance of two cores matters most to anything shared between threads: a virtual machine's two cores
/// may be neighbours in one run and strangers in the next, so it is measured each time.
/// </summary>
internal sealed record Machine(int Cores, double MemoryGiB, string Os, string Architecture, string Runtime, string Collector, double CacheLineRoundTripNs)
{
    private const int Rounds = 200_000;

    public static Machine Measure() => new(
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1073741824.0, 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.ProcessArchitecture.ToString(),
        RuntimeInformation.FrameworkDescription,
        GCSettings.IsServerGC ? "server" : "workstation",
        Environment.ProcessorCount > 1 ? Math.Round(RoundTripNs()) : 0);

    public override string ToString() =>
        $"{Cores} cores, {MemoryGiB} GiB, {Os}, {Architecture}, {Runtime}, {Collector} collector, cache line there and back in {CacheLineRoundTripNs} ns";

    /// <summary>How long a cache line takes to the other core and back: two threads hand one word to and fro. The least of three tries: the others were interrupted.</summary>
    public static double RoundTripNs() => Enumerable.Range(0, 3).Min(_ => OneTry());

    private static double OneTry()
    {
        var ball = new Ball();
        var other = new Thread(() => ball.Answer(Rounds)) { IsBackground = true };
        other.Start();
        ball.Serve(Rounds / 10);
        var start = Stopwatch.GetTimestamp();
        ball.Serve(Rounds - (Rounds / 10));
        var elapsed = Stopwatch.GetElapsedTime(start);
        other.Join();
        return elapsed.TotalNanoseconds / (Rounds - (Rounds / 10));
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private sealed class Ball
    {
        // Alone on its cache line, with the neighbour line that the prefetcher would take along.
        [FieldOffset(128)]
        private int _side;

        public void Serve(int rounds) => Pass(rounds, mine: 0);

        public void Answer(int rounds) => Pass(rounds, mine: 1);

        private void Pass(int rounds, int mine)
        {
            for (var i = 0; i < rounds; i++)
            {
                while (Volatile.Read(ref _side) != mine)
                {
                }

                Volatile.Write(ref _side, 1 - mine);
            }
        }
    }
}
