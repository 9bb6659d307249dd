using System.Diagnostics;
using System.Globalization;
using Millpond.Engines.Live;

namespace Millpond.Chaos.Live.Accidents;

/// <summary>
/// Cuts one node off from everybody, in a network namespace of the campaign's own: what goes to its ports or comes from them is lost, on connections that stand too, and nobody is told.
/// </summary>
internal static class NetworkCut
{
    private const int BusOffset = 10_000;

    /// <summary>Said by ./chaos where it could make a namespace.</summary>
    public static bool IsPossible => Environment.GetEnvironmentVariable("MILLPOND_CHAOS_NAMESPACE") == "1";

    /// <summary>Lets rules come before the table of local addresses.</summary>
    public static async Task PrepareAsync()
    {
        await RunAsync("rule add pref 100 lookup local");
        await RunAsync("rule del pref 0");
    }

    public static Task CutAsync(RedisServer node) => EachAsync(node, "add");

    public static Task HealAsync(RedisServer node) => EachAsync(node, "del");

    private static async Task EachAsync(RedisServer node, string verb)
    {
        foreach (var port in new[] { node.Port, node.Port + BusOffset })
        {
            foreach (var side in new[] { "sport", "dport" })
            {
                await RunAsync(string.Create(CultureInfo.InvariantCulture, $"rule {verb} pref 50 {side} {port} blackhole"));
            }
        }
    }

    private static async Task RunAsync(string arguments)
    {
        using var ip = Process.Start("ip", arguments);
        await ip.WaitForExitAsync();
        if (ip.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {arguments} ended with {ip.ExitCode}.");
        }
    }
}
