using System.Diagnostics;
using Millpond.Bench.Harness;
using Millpond.Events;
using Millpond.Loading;
using Millpond.Overload;
using Millpond.Runtime;
using Millpond.Shared;
using Millpond.Shared.Guarding;
using Millpond.Shared.InProcess;

namespace Millpond.Bench.Suites.Outages;

/// <summary>What the guards cost while all is well: a place taken and given back, and a read of a tier in this process with its guard and without.</summary>
internal static class GuardCost
{
    public const string Case = "cost";
    public const string Place = "a place at the source";

    public static async Task MeasureAsync(Report report, string suite, Effort effort)
    {
        var times = effort == Effort.Quick ? 300_000 : 2_000_000;
        report.Add(suite, Case, Place, "time", "ns", Math.Round(await PlacesAsync(times, null)));
        report.Add(suite, Case, "a tenant's place", "time", "ns", Math.Round(await PlacesAsync(times, "tenant")));
        var tier = new InProcessSharedTier(new InProcessSharedTierOptions { PayloadBytesMax = 1 << 20 });
        var guarded = new GuardedTier(tier, static () => new TierTimes(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(250)), Surroundings.Real, CacheListener.Deaf);
        report.Add(suite, Case, "a read, no guard", "time", "ns", Math.Round(await ReadsAsync(tier, times)));
        report.Add(suite, Case, "a read, guarded", "time", "ns", Math.Round(await ReadsAsync(guarded, times)), "a read, no guard");
    }

    private static async Task<double> PlacesAsync(int times, string? tenant)
    {
        var guard = new SourceGuard("db", Surroundings.Real);
        var ask = new PlaceAsk("thing", tenant);
        return await BestAsync(times, async () => guard.Leave(await guard.EnterAsync(ask, default), CallEnd.Succeeded));
    }

    private static async Task<double> ReadsAsync(ISharedTier tier, int times)
    {
        var key = new SharedKey(new PartitionId("bench:thing:v1", 0), "key");
        using var lifetime = new CancellationTokenSource();
        return await BestAsync(times, async () => await tier.ReadAsync(key, null, lifetime.Token));
    }

    /// <summary>The best of five rounds: the others were interrupted.</summary>
    private static async Task<double> BestAsync(int times, Func<ValueTask> act)
    {
        var best = double.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            var begun = Stopwatch.GetTimestamp();
            for (var n = 0; n < times; n++)
            {
                await act();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(begun).TotalNanoseconds / times);
        }

        return best;
    }
}
