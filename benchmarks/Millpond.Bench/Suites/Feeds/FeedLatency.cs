using System.Diagnostics;
using Millpond.Bench.Harness;
using Npgsql;

namespace Millpond.Bench.Suites.Feeds;

/// <summary>
/// From the moment at which a writer is told that its commit is done to the moment at which a cache that held the row's entry does not serve it any more: the cache that follows the database, and one on the same shared tier that does not.
/// Both are in this process, so that one clock sees both ends; others write other rows at a rate meanwhile.
/// </summary>
internal static class FeedLatency
{
    private const int Measured = 1;
    private const int Rows = 10_000;

    public static async Task MeasureAsync(Report report, string suite, int rate, Effort effort)
    {
        await using var world = await FeedWorld.StartAsync(Rows);
        var (leader, here) = world.Build(follows: true);
        var (_, there) = world.Build(follows: false);
        await FeedWorld.FollowAsync(leader);
        using var stop = new CancellationTokenSource();
        var others = WriteOthersAsync(world, rate, stop.Token);
        var count = effort == Effort.Quick ? 200 : 2_000;
        List<double> updates = [], own = [], other = [];
        await using var connection = await world.Source.OpenConnectionAsync();
        await using var update = await UpdateOfAsync(connection, Measured);
        for (var i = -50; i < count; i++)
        {
            await here.GetAsync(Measured);
            await there.GetAsync(Measured);

            // The second application of the change before is over by then.
            await Task.Delay(6);
            await here.GetAsync(Measured);
            await there.GetAsync(Measured);
            var begun = Stopwatch.GetTimestamp();
            await update.ExecuteNonQueryAsync();
            var committed = Stopwatch.GetTimestamp();
            var gone = await GoneAsync(here, Measured, committed);
            var goneThere = await GoneAsync(there, Measured, committed);
            if (i >= 0)
            {
                updates.Add(Stopwatch.GetElapsedTime(begun, committed).TotalMicroseconds);
                own.Add(gone);
                other.Add(goneThere);
            }
        }

        await stop.CancelAsync();
        await others;
        var name = $"{rate}/s";
        Say(report, suite, name, ChangeFeeds.Update, updates, null);
        Say(report, suite, name, ChangeFeeds.Own, own, ChangeFeeds.Update);
        Say(report, suite, name, ChangeFeeds.Other, other, ChangeFeeds.Update);
    }

    /// <summary>One large transaction, and small ones committed right behind it.</summary>
    public static async Task MeasureBehindManyRowsAsync(Report report, string suite, Effort effort)
    {
        const int many = 100_000;
        await using var world = await FeedWorld.StartAsync(many + 1_000);
        var (leader, here) = world.Build(follows: true);
        await FeedWorld.FollowAsync(leader);
        List<double> own = [];
        await using var connection = await world.Source.OpenConnectionAsync();
        for (var round = 0; round < (effort == Effort.Quick ? 1 : 5); round++)
        {
            await world.RunAsync($"update things set version = version + 1 where id <= {many}");
            await using var update = await UpdateOfAsync(connection, many + 1 + round);
            await here.GetAsync(many + 1 + round);
            await update.ExecuteNonQueryAsync();
            own.Add(await GoneAsync(here, many + 1 + round, Stopwatch.GetTimestamp()));
            await Task.Delay(500);
        }

        Say(report, suite, "100,000 rows", ChangeFeeds.Own, own, null);
    }

    private static async Task<double> GoneAsync(IKeyspace<int, string> things, int id, long since)
    {
        // Looked at without waiting; it lets others run, since there are few processors.
        while (things.TryPeek(id, out _))
        {
            await Task.Yield();
        }

        return Stopwatch.GetElapsedTime(since).TotalMicroseconds;
    }

    private static async Task<NpgsqlCommand> UpdateOfAsync(NpgsqlConnection connection, int id)
    {
        var update = new NpgsqlCommand($"update public.things set version = version + 1 where id = {id}", connection);
        await update.PrepareAsync();
        return update;
    }

    private static async Task WriteOthersAsync(FeedWorld world, int rate, CancellationToken stop)
    {
        await using var connection = await world.Source.OpenConnectionAsync(CancellationToken.None);
        await using var update = new NpgsqlCommand("update public.things set version = version + 1 where id = $1", connection) { Parameters = { new NpgsqlParameter<int>() } };
        await update.PrepareAsync(CancellationToken.None);
        var began = Stopwatch.GetTimestamp();
        for (var written = 0; !stop.IsCancellationRequested; written++)
        {
            ((NpgsqlParameter<int>)update.Parameters[0]).TypedValue = 2 + (written % (Rows - 2));
            await update.ExecuteNonQueryAsync(CancellationToken.None);
            if ((written / (double)rate) - Stopwatch.GetElapsedTime(began).TotalSeconds is > 0.001 and var ahead)
            {
                await Task.Delay(TimeSpan.FromSeconds(ahead), CancellationToken.None);
            }
        }
    }

    private static void Say(Report report, string suite, string @case, string subject, List<double> microseconds, string? baseline)
    {
        microseconds.Sort();
        report.Add(suite, @case, subject, "p50", "us", Math.Round(microseconds[microseconds.Count / 2], 1), baseline);
        report.Add(suite, @case, subject, "p99", "us", Math.Round(microseconds[microseconds.Count * 99 / 100], 1), baseline);
        report.Add(suite, @case, subject, "worst", "us", Math.Round(microseconds[^1], 1), baseline);
    }
}
