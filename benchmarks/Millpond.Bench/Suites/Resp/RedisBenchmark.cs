using System.Diagnostics;
using System.Globalization;

namespace Millpond.Bench.Suites.Resp;

/// <summary>The servers' own benchmark program, as the measure of what this machine gives at this moment.</summary>
internal static class RedisBenchmark
{
    public static async Task<Measured> RunAsync(int port, string command, int valueBytes, int clients, int pipeline, int requests)
    {
        var start = new ProcessStartInfo("redis-benchmark") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { "-p", Text(port), "-t", command, "-d", Text(valueBytes), "-c", Text(clients), "-P", Text(pipeline), "-n", Text(requests), "--csv" })
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("redis-benchmark did not start.");
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        // "GET","107296.14","0.610","0.200","0.599","0.871","1.103","2.199": rate, then mean, least, p50, p95, p99 and most in ms.
        var line = output.Split('\n').FirstOrDefault(l => l.StartsWith('"' + command.ToUpperInvariant(), StringComparison.Ordinal))
            ?? throw new InvalidOperationException("redis-benchmark printed no result: " + output);
        var figures = line.Split(',').Skip(1).Select(f => double.Parse(f.Trim('"', '\r', ' '), CultureInfo.InvariantCulture)).ToArray();
        return new Measured(figures[0], figures[3] * 1000, figures[5] * 1000, double.NaN, double.NaN, double.NaN);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
