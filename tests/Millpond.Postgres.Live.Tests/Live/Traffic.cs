using Npgsql;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>Writers and readers, while accidents happen.</summary>
internal static class Traffic
{
    public static async Task<int> RunAsync(World world, TimeSpan time, TimeSpan pause, Func<Func<bool>, Task> accidents)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var stopped = false;
        bool IsOver() => stopped || clock.Elapsed >= time;
        Task<int>[] writers = [.. Enumerable.Range(1, 4).Select(seed => Task.Run(() => WriteUntilAsync(world, IsOver, pause, seed)))];
        Task[] readers = [.. Enumerable.Range(10, 8).Select(seed => Task.Run(() => ReadUntilAsync(world, IsOver, seed)))];
        try
        {
            await accidents(IsOver);
        }
        finally
        {
            stopped = clock.Elapsed >= time || stopped;
        }

        var writes = (await Task.WhenAll(writers)).Sum();
        await Task.WhenAll(readers);
        return writes;
    }

    /// <summary>Writes as fast as the database lets it, or with a pause after each, until told to stop; failures are the database's being away.</summary>
    private static async Task<int> WriteUntilAsync(World world, Func<bool> isOver, TimeSpan pause, int seed)
    {
        var random = new Random(seed);
        var writes = 0;
        NpgsqlConnection? connection = null;
        while (!isOver())
        {
            try
            {
                if (connection is null)
                {
                    connection = new NpgsqlConnection(world.ConnectionString);
                    await connection.OpenAsync();
                }

                await WriteAsync(world, connection, random.Next(1, world.Rows + 1), random);
                writes++;
            }
            catch (NpgsqlException)
            {
                await (connection?.DisposeAsync() ?? default);
                connection = null;
                await Task.Delay(50);
            }

            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause);
            }
        }

        await (connection?.DisposeAsync() ?? default);
        return writes;
    }

    /// <summary>Writes a row, and with an outbox tells it; one transaction in ten with an outbox is rolled back, and one in ten stays open for a while.</summary>
    private static async Task WriteAsync(World world, NpgsqlConnection connection, int id, Random random)
    {
        await using var transaction = world.Outbox is null ? null : await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("update public.things set version = version + 1 where id = $1", connection, transaction) { Parameters = { new() { Value = id } } };
        await command.ExecuteNonQueryAsync();
        if (transaction is null)
        {
            return;
        }

        await world.Outbox!.AddAsync(transaction, [new(Database.Table, Feeds.RowChangeKind.Update, Feeds.RowValues.Of(("id", id)), Feeds.RowValues.Of(("id", id)))]);
        var chance = random.Next(10);
        if (chance == 0)
        {
            // Commits later than others with higher numbers.
            await Task.Delay(random.Next(30));
        }

        await (chance == 1 ? transaction.RollbackAsync() : transaction.CommitAsync());
    }

    /// <summary>Reads every key through every cache again and again, so that whatever is loaded wrongly is kept somewhere.</summary>
    private static async Task ReadUntilAsync(World world, Func<bool> isOver, int seed)
    {
        var random = new Random(seed);
        while (!isOver())
        {
            try
            {
                await world.Caches[random.Next(world.Caches.Count)].GetAsync(random.Next(1, world.Rows + 1));
            }
            catch (MillpondException)
            {
                // The database is away.
            }

            // So that reading leaves the processor to those who write.
            await Task.Delay(1);
        }
    }
}
