using Millpond.Bench.Harness;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>
/// Operations a second of one thread and of two, while entries go for want of room. How far apart the two cores are decides more than any cache does, and a virtual machine's cores
/// move; so that is measured in between and stands beside the figures.
/// </summary>
internal sealed class LocalThreads : Suite
{
    private const int Keys = 1_000_000;
    private const int Room = Keys / 10;
    private const int CoresNearNs = 240;
    private const string Throughput = "throughput";
    private const string HitRatio = "hits";
    private const string BesideOne = "beside 1 thread";
    private const string TwoThreads = "95/5, 2 threads";
    private const string Tier = "Millpond tier";

    public override string Name => "local-threads";

    public override string Question => $"{Keys:N0} keys, Zipf 0.99, room for {Room:N0}: how many operations a second, of one thread and of two?";

    public override IReadOnlyList<Goal> Goals =>
    [
        new($"2 threads, 95/5; 1.0 where the cores are near (a cache line there and back in under {CoresNearNs} ns)", new(Name, TwoThreads, Tier, Throughput), Figure.Ratio, Bound.AtLeast, 0.8),
        new("hits in percent, there", new(Name, TwoThreads, Tier, HitRatio), Figure.Value, Bound.AtLeast, 82),
        .. Mixes.Select(mix => new Goal($"2 threads beside 1, {mix.Name}", new(Name, Case(mix.Name, 2), Tier, BesideOne), Figure.Value, Bound.AtLeast, 1)),
    ];

    public override IReadOnlyList<string> Tabled => [Throughput, HitRatio, BesideOne, "cache line"];

    private static (string Name, int OperationsPerWrite)[] Mixes => [("100/0", 0), ("95/5", 20), ("75/25", 4)];

    public override Task RunAsync(Report report, Effort effort)
    {
        var (rounds, operations) = effort == Effort.Quick ? (1, 1 << 19) : (3, 1 << 21);
        var supplies = new Supplies(Keys);
        var threads = Math.Min(2, Environment.ProcessorCount);
        var orders = Enumerable.Range(1, threads).Select(seed => Workload.ZipfOrder(Keys, operations * ((rounds * threads) + 1), seed).Chunk(operations).ToArray()).ToArray();
        foreach (var (mix, operationsPerWrite) in Mixes)
        {
            ThreadSubject[] subjects =
            [
                new ThreadSubject<ServingDictionary>("ConcurrentDictionary, unbounded", new ServingDictionary(supplies)),
                new ThreadSubject<ServingMemoryCache>("MemoryCache SizeLimit", ServingMemoryCache.For(supplies, Room)),
                new ThreadSubject<ServingTier>(Tier, new ServingTier(supplies, Room)),
                new ThreadSubject<ServingKeyspace>("Millpond keyspace", ServingKeyspace.For(supplies, Room)),
            ];
            Measure(report, mix, operationsPerWrite, subjects, orders, rounds);
            Array.ForEach(subjects, subject => subject.Dispose());
        }

        return Task.CompletedTask;
    }

    private static string Case(string mix, int threads) => threads == 1 ? $"{mix}, 1 thread" : $"{mix}, {threads} threads";

    private void Measure(Report report, string mix, int operationsPerWrite, ThreadSubject[] subjects, int[][][] orders, int rounds)
    {
        // The first part fills them, and has all compiled. Every run has a part of its own: asked for the same again, a cache would be told what comes.
        var part = 0;
        Array.ForEach(subjects, subject => subject.Run(PartFor(orders.Length), operationsPerWrite));
        GC.Collect();
        var distances = new List<double>();
        var runs = subjects.SelectMany(subject => Enumerable.Range(1, orders.Length).Select(threads => (subject, threads))).ToDictionary(one => one, _ => new List<ThreadRun>());
        for (var round = 0; round < rounds; round++)
        {
            distances.Add(orders.Length > 1 ? Machine.RoundTripNs() : 0);
            for (var threads = 1; threads <= orders.Length; threads++)
            {
                part++;
                foreach (var subject in subjects)
                {
                    runs[(subject, threads)].Add(subject.Run(PartFor(threads), operationsPerWrite));
                }
            }
        }

        for (var threads = 1; threads <= orders.Length; threads++)
        {
            Add(report, mix, subjects, runs, threads, Median(distances));
        }

        ReadOnlyMemory<int>[] PartFor(int threads) => [.. orders.Take(threads).Select(parts => (ReadOnlyMemory<int>)parts[part])];
    }

    private void Add(Report report, string mix, ThreadSubject[] subjects, Dictionary<(ThreadSubject Subject, int Threads), List<ThreadRun>> runs, int threads, double distance)
    {
        var @case = Case(mix, threads);
        report.Add(Name, @case, "the cores", "cache line", "ns", distance);
        foreach (var subject in subjects)
        {
            var millions = Median(runs[(subject, threads)].Select(run => run.Millions));
            report.Add(Name, @case, subject.Name, Throughput, "M/s", millions, subjects[0].Name);
            report.Add(Name, @case, subject.Name, HitRatio, "%", Median(runs[(subject, threads)].Select(run => run.HitPercent)));
            report.Add(Name, @case, subject.Name, "entries", "", subject.Count);
            if (threads > 1)
            {
                report.Add(Name, @case, subject.Name, BesideOne, "x", millions / Median(runs[(subject, 1)].Select(run => run.Millions)));
            }
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
