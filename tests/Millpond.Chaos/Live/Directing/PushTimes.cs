using System.Globalization;
using Millpond.Chaos.Live.Accidents;
using Millpond.Chaos.Live.Histories;
using Millpond.Chaos.Live.Working;

namespace Millpond.Chaos.Live.Directing;

/// <summary>How long pushes take: from the beginning of InvalidateAsync in one process to the moment when another does not hold the value any more.</summary>
internal sealed record PushTimes(int Count, TimeSpan P50, TimeSpan P99, TimeSpan Longest)
{
    // The first ones connect, and compile what they run.
    private const int WarmUp = 50;

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Count} pushes: p50 {P50.TotalMilliseconds:0.###} ms, p99 {P99.TotalMilliseconds:0.###} ms, longest {Longest.TotalMilliseconds:0.###} ms");

    public static async Task<PushTimes> MeasureAsync(int count, int seed)
    {
        var folder = Directory.CreateTempSubdirectory("millpond-push-").FullName;
        try
        {
            Database.Create(Path.Combine(folder, "database.db"));
            await using var engine = await EngineSet.StartAsync("single");
            await using var fleet = new Fleet(engine.Configuration, folder, seed, null);
            await fleet.StartAsync(2);
            var gone = new long[WarmUp + count];
            for (var i = 0; i < gone.Length; i++)
            {
                // A read on whose way the key changes is answered and not kept.
                do
                {
                    await fleet[1].AskAsync($"read {Pond.HerdKey} 1", "read");
                }
                while (await fleet[1].AskAsync($"watch {Pond.HerdKey}") != "watching");

                await fleet[0].AskAsync($"change {Pond.HerdKey}", "changed");
                gone[i] = long.Parse(await fleet[1].HearAsync(), CultureInfo.InvariantCulture);
            }

            long[] told = [.. HistoryFile.Read(WorkerOptions.HistoryPathOf(folder, 1)).Where(entry => entry.What == What.Announced).Select(entry => entry.Began)];
            TimeSpan[] took = [.. gone.Zip(told, (end, begin) => TimeSpan.FromTicks((end - begin) / TimeSpan.NanosecondsPerTick)).Skip(WarmUp).Order()];
            return new PushTimes(took.Length, took[took.Length / 2], took[took.Length * 99 / 100], took[^1]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
