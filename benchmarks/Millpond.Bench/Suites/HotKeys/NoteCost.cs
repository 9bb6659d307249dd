using System.Diagnostics;
using Millpond.Bench.Harness;
using Millpond.Events;
using Millpond.HotKeys;
using Millpond.Runtime;

namespace Millpond.Bench.Suites.HotKeys;

/// <summary>What a read that goes further than this process pays for being noted: by a sketch that is full, so that most keys take over another's counter.</summary>
internal static class NoteCost
{
    public const string Case = "cost";
    public const string Skewed = "a note, Zipf 0.99";
    public const string Distinct = "a note, no key twice";

    private const int Keys = 1_000_000;

    public static void Measure(Report report, string suite, Effort effort)
    {
        var rounds = effort == Effort.Quick ? 3 : 10;
        report.Add(suite, Case, Skewed, "time", "ns", Math.Round(Best(rounds, [.. Zipf.Ranks(Keys, Keys, seed: 1)])));
        report.Add(suite, Case, Distinct, "time", "ns", Math.Round(Best(rounds, [.. Enumerable.Range(0, Keys)])));
    }

    /// <summary>The best of some rounds: the others were interrupted.</summary>
    private static double Best(int rounds, int[] keys)
    {
        var finder = new HotKeyFinder<int>("thing", new HotKeyOptions(), Surroundings.Real, CacheListener.Deaf, static _ => { });
        var best = double.MaxValue;
        for (var round = 0; round < rounds; round++)
        {
            var begun = Stopwatch.GetTimestamp();
            foreach (var key in keys)
            {
                finder.Note(key, 1);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(begun).TotalNanoseconds / keys.Length);
        }

        return best;
    }
}
