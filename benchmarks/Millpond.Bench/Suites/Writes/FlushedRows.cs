using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Bench.Harness;
using Millpond.FileJournal;
using Millpond.Journals;
using Millpond.Sinks;
using Npgsql;
using NpgsqlTypes;

namespace Millpond.Bench.Suites.Writes;

/// <summary>How many rows a second reach the table: from a full journal, by the sinks alone, and by hand in the ways that there are. Half of the rows are new, half are there.</summary>
internal static class FlushedRows
{
    private const int BatchRows = 1_000;
    private const string ByHand = "by hand, a statement a row";

    public static async Task MeasureAsync(Report report, string suite, Effort effort)
    {
        var rows = effort == Effort.Quick ? 20_000 : 200_000;
        await using var world = await WriteWorld.StartAsync();
        (string Subject, Func<int[], Task> Batch)[] hands = [(ByHand, batch => EachAsync(world, batch)), ("by hand, unnest", batch => UnnestAsync(world, batch)), ("by hand, COPY", batch => CopyAsync(world, batch))];
        foreach (var (subject, write) in hands)
        {
            await PrepareAsync(world, rows);
            var began = Stopwatch.GetTimestamp();
            foreach (var batch in Enumerable.Range(0, rows).Chunk(BatchRows))
            {
                await write(batch);
            }

            await SayAsync(report, suite, world, subject, rows, began);
        }

        await using var services = new ServiceCollection().BuildServiceProvider();
        await PrepareAsync(world, rows);
        var sink = world.NoteTable()(services);
        var lead = new SinkLead("notes", "journal", 1);
        var through = await sink.TakeOverAsync(lead, "", default);
        var start = Stopwatch.GetTimestamp();
        foreach (var batch in Enumerable.Range(0, rows).Chunk(BatchRows))
        {
            var items = batch.Select((id, i) => new SinkItem<int, string>(id, JournalKind.Set, Note(id), 0, through + i + 1, 1)).ToArray();
            await sink.ApplyAsync(new SinkBatch<int, string> { Lead = lead, Lane = "", From = through, Through = through + BatchRows, Items = items }, default);
            through += BatchRows;
        }

        await SayAsync(report, suite, world, "sink", rows, start);
        await ((IAsyncDisposable)sink).DisposeAsync();
        await DrainAsync(report, suite, world, rows);
    }

    /// <summary>A journal that is full before anything is flushed.</summary>
    private static async Task DrainAsync(Report report, string suite, WriteWorld world, int rows)
    {
        await PrepareAsync(world, rows);
        var gate = new TaskCompletionSource();
        await using var provider = WriteWorld.Notes(FileJournals.In(world.NewFolder()), services => new GatedSink(world.NoteTable()(services), gate.Task));
        var (notes, behind) = (provider.GetRequiredService<IKeyspace<int, string>>(), provider.GetRequiredService<ICache>().WriteBehind("notes"));
        await Parallel.ForEachAsync(Enumerable.Range(0, rows), new ParallelOptions { MaxDegreeOfParallelism = 128 }, async (id, _) => await notes.WriteAsync(id, Note(id), cancellationToken: CancellationToken.None));
        var began = Stopwatch.GetTimestamp();
        gate.SetResult();
        await behind.FlushAsync();
        await SayAsync(report, suite, world, "journal in files to table", rows, began);
    }

    private static string Note(int id) => $"{id} {new string('n', 90)}";

    private static async Task PrepareAsync(WriteWorld world, int rows)
    {
        await world.AnewAsync();
        await world.RunAsync($"insert into things select i, 'old' from generate_series(0, {rows - 1}, 2) i");
        await world.RunAsync("checkpoint");
    }

    private static async Task SayAsync(Report report, string suite, WriteWorld world, string subject, int rows, long began)
    {
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var (there, right) = (await world.AskAsync<long>("select count(*) from things"), await world.AskAsync<long>("select count(*) from things where note <> 'old'"));
        if (there != rows || right != rows)
        {
            throw new InvalidOperationException($"{subject}: of {rows} rows {there} are in the table, {right} of them written.");
        }

        report.Add(suite, "flush", subject, "rows", "/s", Math.Round(rows / seconds), subject == ByHand ? null : ByHand);
    }

    private static async Task EachAsync(WriteWorld world, int[] ids)
    {
        await using var connection = await world.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var id in ids)
        {
            batch.BatchCommands.Add(new(WriteWorld.Upsert) { Parameters = { new NpgsqlParameter<int> { TypedValue = id }, new NpgsqlParameter<string> { TypedValue = Note(id) } } });
        }

        await batch.PrepareAsync();
        await batch.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private static async Task UnnestAsync(WriteWorld world, int[] ids)
    {
        await using var connection = await world.Source.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("insert into things select * from unnest($1, $2) on conflict (id) do update set note = excluded.note", connection)
        {
            Parameters = { new NpgsqlParameter<int[]> { TypedValue = ids }, new NpgsqlParameter<string[]> { TypedValue = [.. ids.Select(Note)] } },
        };
        await command.PrepareAsync();
        await command.ExecuteNonQueryAsync();
    }

    private static async Task CopyAsync(WriteWorld world, int[] ids)
    {
        await using var connection = await world.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync("create temporary table if not exists copied (id int, note text) on commit delete rows");
        await using (var writer = await connection.BeginBinaryImportAsync("copy copied from stdin (format binary)"))
        {
            foreach (var id in ids)
            {
                await writer.StartRowAsync();
                await writer.WriteAsync(id, NpgsqlDbType.Integer);
                await writer.WriteAsync(Note(id), NpgsqlDbType.Text);
            }

            await writer.CompleteAsync();
        }

        await ExecuteAsync("insert into things select * from copied on conflict (id) do update set note = excluded.note");
        await transaction.CommitAsync();

        async Task ExecuteAsync(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction);
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Lets nothing through before it is opened.</summary>
    private sealed class GatedSink(IWriteSink<int, string> inner, Task opened) : IWriteSink<int, string>, IAsyncDisposable
    {
        public async ValueTask<long> TakeOverAsync(SinkLead lead, string lane, CancellationToken cancellationToken)
        {
            await opened.WaitAsync(cancellationToken);
            return await inner.TakeOverAsync(lead, lane, cancellationToken);
        }

        public ValueTask ApplyAsync(SinkBatch<int, string> batch, CancellationToken cancellationToken) => inner.ApplyAsync(batch, cancellationToken);

        public ValueTask DisposeAsync() => ((IAsyncDisposable)inner).DisposeAsync();
    }
}
