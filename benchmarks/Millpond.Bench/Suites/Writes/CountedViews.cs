using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Bench.Harness;
using Millpond.FileJournal;
using Millpond.Postgres;
using Millpond.Sinks;
using Millpond.Sqlite;
using Npgsql;

namespace Millpond.Bench.Suites.Writes;

/// <summary>A million page views over 10,000 pages, few of which are viewed often: until all of them are in the table, and the sum is right.</summary>
internal static class CountedViews
{
    private const int Pages = 10_000;
    private const int Viewers = 128;

    public static async Task MeasureAsync(Report report, string suite, Effort effort)
    {
        var views = effort == Effort.Quick ? 50_000 : 1_000_000;
        await using var world = await WriteWorld.StartAsync();
        await world.AnewAsync();
        await DirectlyAsync(report, suite, world, views / 10);
        var table = new SinkTable<int, long>("views").Key("id", id => id).Count("seen");

        await world.AnewAsync();
        await MergedAsync(report, suite, world, "merged, to PostgreSQL", views, PostgresSinks.Table(world.Database.ConnectionString, table), () => world.AskAsync<long>("select sum(seen)::bigint from views"));

        SQLitePCL.Batteries_V2.Init();
        var file = Path.Combine(world.NewFolder(), "views.db");
        await using var lite = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={file}");
        await lite.OpenAsync();
        await AskAsync("pragma journal_mode = wal");
        await AskAsync("create table views (id integer primary key, seen integer not null)");
        await MergedAsync(report, suite, world, "merged, to SQLite", views, SqliteSinks.Table(file, table), async () => (long)(await AskAsync("select sum(seen) from views"))!);

        async Task<object?> AskAsync(string sql)
        {
            await using var command = lite.CreateCommand();
            command.CommandText = sql;
            return await command.ExecuteScalarAsync();
        }
    }

    private static async Task DirectlyAsync(Report report, string suite, WriteWorld world, int views)
    {
        const int connections = 16;
        await world.RunAsync($"insert into views select i, 0 from generate_series(0, {Pages - 1}) i");
        var (log, began) = (await LogAsync(world), Stopwatch.GetTimestamp());
        await Task.WhenAll(Zipf.Ranks(Pages, views, seed: 1).Chunk((views / connections) + 1).Select(pages => Task.Run(async () =>
        {
            await using var connection = await world.Source.OpenConnectionAsync();
            await using var update = new NpgsqlCommand("update views set seen = seen + 1 where id = $1", connection) { Parameters = { new NpgsqlParameter<int>() } };
            await update.PrepareAsync();
            foreach (var page in pages)
            {
                ((NpgsqlParameter<int>)update.Parameters[0]).TypedValue = page;
                await update.ExecuteNonQueryAsync();
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        report.Add(suite, "page views", WriteBehinds.Directly, "increments", "/s", Math.Round(views / seconds));
        report.Add(suite, "page views", WriteBehinds.Directly, "row updates", "of 1000", 1000);
        report.Add(suite, "page views", WriteBehinds.Directly, "transactions", "of 1000", 1000);
        report.Add(suite, "page views", WriteBehinds.Directly, "log", "B/view", Math.Round((await LogAsync(world) - log) / (double)views, 1));
    }

    private static async Task MergedAsync(Report report, string suite, WriteWorld world, string subject, int views, Func<IServiceProvider, IWriteSink<int, long>> sink, Func<Task<long>> sumAsync)
    {
        await using var provider = new ServiceCollection().AddMillpond(m => m.AddMergedCounters("views", FileJournals.In(world.NewFolder()), sink, WriteWorld.Roomy)).BuildServiceProvider();
        var (counters, behind) = (provider.GetRequiredService<IMergedCounters<int>>(), provider.GetRequiredService<ICache>().WriteBehind("views"));
        int[] pages = [.. Zipf.Ranks(Pages, views, seed: 1)];
        var (log, began) = (await LogAsync(world), Stopwatch.GetTimestamp());
        await Task.WhenAll(pages.Chunk((views / Viewers) + 1).Select(own => Task.Run(async () =>
        {
            foreach (var page in own)
            {
                await counters.AddAsync(page);
            }
        })));
        await behind.FlushAsync();
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var (statistics, sum) = (behind.Statistics(), await sumAsync());
        if (sum != views)
        {
            throw new InvalidOperationException($"{subject}: {views} views, and the table says {sum}.");
        }

        report.Add(suite, "page views", subject, "increments", "/s", Math.Round(views / seconds), WriteBehinds.Directly);
        report.Add(suite, "page views", subject, "seconds", "s", Math.Round(seconds, 2));
        report.Add(suite, "page views", subject, "row updates", "of 1000", Math.Round(1000.0 * statistics.Items / views, 1), WriteBehinds.Directly);
        report.Add(suite, "page views", subject, "transactions", "of 1000", Math.Round(1000.0 * statistics.Batches / views, 2), WriteBehinds.Directly);
        if (subject.EndsWith("PostgreSQL", StringComparison.Ordinal))
        {
            report.Add(suite, "page views", subject, "log", "B/view", Math.Round((await LogAsync(world) - log) / (double)views, 1), WriteBehinds.Directly);
        }
    }

    private static async Task<long> LogAsync(WriteWorld world) => (long)await world.AskAsync<decimal>("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
}
