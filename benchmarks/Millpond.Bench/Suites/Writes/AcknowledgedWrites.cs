using Microsoft.Extensions.DependencyInjection;
using Millpond.Bench.Harness;
using Millpond.Bench.Suites.Resp;
using Millpond.FileJournal;
using Millpond.Journals;
using Millpond.Postgres;
using Millpond.Redis;
using Millpond.Resp;
using Npgsql;

namespace Millpond.Bench.Suites.Writes;

/// <summary>Writers that write again as soon as they are acknowledged, of 100 bytes over 10,000 keys, while what they wrote is flushed to the same PostgreSQL; and journals alone, which nobody reads.</summary>
internal static class AcknowledgedWrites
{
    private const int Keys = 10_000;
    private static readonly string Value = new('v', 100);
    private static readonly int[] Writers = [1, 16, 128];

    public static async Task MeasureAsync(Report report, string suite, Effort effort)
    {
        var time = TimeSpan.FromSeconds(effort == Effort.Quick ? 1 : 5);
        await using var world = await WriteWorld.StartAsync();
        foreach (var writers in Writers)
        {
            await world.AnewAsync();
            Say(report, suite, $"x{writers}", WriteBehinds.Directly, await DirectlyAsync(world, writers, time));
            await using (var client = new RespClient(RespOptions.Parse(world.Redis.Address)))
            {
                Say(report, suite, $"x{writers}", "XADD", await RunAsync(writers, time, i => async () => await client.ExecuteAsync("XADD", $"plain{writers}", "*", "key", i, "value", Value)));
            }

            foreach (var (name, journal) in Journals(world, $"x{writers}"))
            {
                Say(report, suite, $"x{writers}", name, await BehindAsync(world, journal, writers, time));
            }
        }

        foreach (var writers in Writers)
        {
            foreach (var (name, journal) in Journals(world, $"alone{writers}"))
            {
                Say(report, suite, $"journal alone x{writers}", name, await AloneAsync(journal, writers, time));
            }
        }
    }

    private static (string Name, Func<IServiceProvider, IWriteJournal> Journal)[] Journals(WriteWorld world, string run) =>
    [
        (WriteBehinds.Files, FileJournals.In(world.NewFolder())),
        ("journal in Redis", RedisJournals.At(world.Redis.Address, run, JournalSurvival.ProcessDeath | JournalSurvival.PowerLoss)),
        ("journal in PostgreSQL", PostgresJournals.In(world.Database.ConnectionString, $"journal_{run}", JournalSurvival.ProcessDeath | JournalSurvival.PowerLoss)),
    ];

    private static async Task<Measured> DirectlyAsync(WriteWorld world, int writers, TimeSpan time)
    {
        List<NpgsqlConnection> open = [];
        for (var i = 0; i < writers; i++)
        {
            open.Add(await world.Source.OpenConnectionAsync());
        }

        var measured = await RunAsync(writers, time, i =>
        {
            var command = new NpgsqlCommand(WriteWorld.Upsert, open[i]) { Parameters = { new NpgsqlParameter<int>(), new NpgsqlParameter<string> { TypedValue = Value } } };
            command.Prepare();
            var random = new Random(i);
            return async () =>
            {
                ((NpgsqlParameter<int>)command.Parameters[0]).TypedValue = random.Next(Keys);
                await command.ExecuteNonQueryAsync();
            };
        });
        foreach (var connection in open)
        {
            await connection.DisposeAsync();
        }

        return measured;
    }

    private static async Task<Measured> BehindAsync(WriteWorld world, Func<IServiceProvider, IWriteJournal> journal, int writers, TimeSpan time)
    {
        await using var provider = WriteWorld.Notes(journal, world.NoteTable());
        var (notes, behind) = (provider.GetRequiredService<IKeyspace<int, string>>(), provider.GetRequiredService<ICache>().WriteBehind("notes"));
        await notes.WriteAsync(0, Value);
        var measured = await RunAsync(writers, time, i =>
        {
            var random = new Random(i);
            return async () => await notes.WriteAsync(random.Next(Keys), Value);
        });
        await behind.FlushAsync();
        return measured;
    }

    private static async Task<Measured> AloneAsync(Func<IServiceProvider, IWriteJournal> journal, int writers, TimeSpan time)
    {
        await using var provider = new ServiceCollection().BuildServiceProvider();
        await using var alone = journal(provider);
        await alone.OpenAsync("bench", default);
        var value = System.Text.Encoding.UTF8.GetBytes(Value);
        return await RunAsync(writers, time, i =>
        {
            var random = new Random(i);
            return async () => await alone.AppendAsync([new(JournalKind.Set, $"{random.Next(Keys)}", value)], default);
        });
    }

    private static async Task<Measured> RunAsync(int writers, TimeSpan time, Func<int, Func<ValueTask>> writer)
    {
        await Measured.RunAsync(writers, TimeSpan.FromSeconds(0.5), 1, writer);
        return await Measured.RunAsync(writers, time, 1, writer);
    }

    private static void Say(Report report, string suite, string @case, string subject, Measured measured)
    {
        var baseline = subject == WriteBehinds.Directly ? null : WriteBehinds.Directly;
        report.Add(suite, @case, subject, "writes", "/s", Math.Round(measured.OpsPerSecond), baseline);
        report.Add(suite, @case, subject, "p50", "us", Math.Round(measured.P50Us), baseline);
        report.Add(suite, @case, subject, "p99", "us", Math.Round(measured.P99Us), baseline);
    }
}
