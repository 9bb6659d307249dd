using System.Diagnostics;
using System.Globalization;
using Millpond.Bench.Harness;
using Millpond.Bench.Suites.Resp;

namespace Millpond.Bench.Suites.Shared;

/// <summary>What several processes read together from one engine through their keyspaces, their local tiers off. This program starts itself as each of them.</summary>
internal static class SharedProcesses
{
    /// <summary>Makes this program one of the processes: the address of the engine and how many seconds follow. It says when it is ready, and begins when it is told anything.</summary>
    public const string WorkerCommand = "shared-process";

    private const int Callers = 64;
    private const int Bytes = 100;
    private const string Alone = "1 process";

    public static async Task MeasureAsync(Report report, string suite, string subject, string address, TimeSpan time)
    {
        var name = $"GET 100 B x{Callers} a process";
        foreach (var count in new[] { 1, 2, 4 })
        {
            var together = count == 1 ? Alone : $"{count} processes";
            var workers = Enumerable.Range(0, count).Select(_ => Start(address, time)).ToArray();
            foreach (var worker in workers)
            {
                _ = await worker.StandardOutput.ReadLineAsync();
            }

            foreach (var worker in workers)
            {
                await worker.StandardInput.WriteLineAsync("begin");
            }

            double[] reads = [.. (await Task.WhenAll(workers.Select(EndAsync)))];
            report.Add(suite, name, $"{subject}, {together}", "throughput", "op/s", Math.Round(reads.Sum()), count == 1 ? null : $"{subject}, {Alone}");
        }
    }

    public static async Task<int> WorkAsync(string address, TimeSpan time)
    {
        await using var cache = await SharedCache.StartAsync(address, Bytes);
        await Measured.RunAsync(Callers, TimeSpan.FromSeconds(1), 1, cache.GetKeyspace);
        Console.WriteLine("ready");
        _ = Console.ReadLine();
        var measured = await Measured.RunAsync(Callers, time, 1, cache.GetKeyspace);
        Console.WriteLine(measured.OpsPerSecond.ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    private static Process Start(string address, TimeSpan time)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(SharedProcesses).Assembly.Location);
        }

        foreach (var argument in (string[])[WorkerCommand, address, ((int)time.TotalSeconds).ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static async Task<double> EndAsync(Process worker)
    {
        using (worker)
        {
            var said = await worker.StandardOutput.ReadLineAsync();
            await worker.WaitForExitAsync();
            return double.TryParse(said, CultureInfo.InvariantCulture, out var reads) ? reads : throw new InvalidOperationException($"A process ended with {worker.ExitCode} before it said what it read.");
        }
    }
}
