using System.Diagnostics;
using Millpond.Bench.Harness;

namespace Millpond.Bench.Suites.Feeds;

/// <summary>How fast a feed that was away makes up for it: transactions of one row, and rows in transactions of a hundred.</summary>
internal static class FeedDrain
{
    private const int RowsOfTable = 10_000;

    public static async Task MeasureAsync(Report report, string suite, Effort effort)
    {
        var transactions = effort == Effort.Quick ? 20_000 : 200_000;
        foreach (var onRedis in new[] { false, true })
        {
            var subject = onRedis ? "shared tier on Redis" : "shared tier in process";
            await OneAsync(report, suite, subject, "transactions", onRedis, transactions, rows: 1);
            await OneAsync(report, suite, subject, "rows", onRedis, transactions / 50, rows: 100);
        }
    }

    private static async Task OneAsync(Report report, string suite, string subject, string metric, bool onRedis, int transactions, int rows)
    {
        await using var world = await FeedWorld.StartAsync(RowsOfTable);
        var (first, _) = world.Build(follows: true, onRedis);
        await FeedWorld.FollowAsync(first);
        await first.DisposeAsync();
        await world.RunAsync("alter system set synchronous_commit = off");
        await world.RunAsync("select pg_reload_conf()");
        await world.RunAsync($"do $$ begin for i in 0..{transactions - 1} loop update things set version = version + 1 where id between 1 + (i * {rows}) % {RowsOfTable - rows} and (i * {rows}) % {RowsOfTable - rows} + {rows}; commit; end loop; end $$");
        await world.RunAsync("checkpoint");

        var (second, _) = world.Build(follows: true, onRedis);
        var total = (long)transactions * rows;
        var (began, bytes, told) = (0L, 0L, 0L);
        await FeedWorld.StartAsync(second);
        while (true)
        {
            var now = FeedWorld.FeedOf(second).Rows;
            if (began == 0 && now > 0)
            {
                // From its first rows on: connecting is no part of draining.
                (began, bytes, told) = (Stopwatch.GetTimestamp(), GC.GetTotalAllocatedBytes(), now);
            }

            if (now >= total)
            {
                break;
            }

            await Task.Delay(1);
        }

        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        report.Add(suite, "drain", subject, metric, "/s", Math.Round((total - told) / (metric == "rows" ? 1 : rows) / seconds));
        report.Add(suite, metric == "rows" ? "drain" : "drain, one by one", subject, "bytes", "B/row", Math.Round((GC.GetTotalAllocatedBytes() - bytes) / (double)(total - told), 1));
    }
}
