using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Feeds;
using Millpond.Sqlite.Streaming;

namespace Millpond.Sqlite.Live.Tests.Live;

/// <summary>A program that writes what it changes to an outbox in a SQLite database.</summary>
public sealed class Outboxes : IDisposable
{
    private readonly TemporaryDatabase _database = new();
    private readonly SqliteOutbox _outbox = new("box");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_committed_is_read_anew_and_what_is_undone_is_not()
    {
        // A program may write before anybody has ever drained.
        _database.Run("INSERT INTO things VALUES (1, 7, 'a'), (2, 7, 'b'), (3, 7, 'c')", _outbox.CreateScript);
        await using var services = new ServiceCollection()
            .AddMillpond(m => m.AddSqliteOutbox("box", _database.Path).AddKeyspace<int, string>("thing", k => k.Load((id, _) => new(Read(id))).ChangedBy("main.things", "id")))
            .BuildServiceProvider();
        foreach (var one in services.GetServices<IHostedService>())
        {
            await one.StartAsync(Token);
        }

        var things = services.GetRequiredService<IKeyspace<int, string>>();
        await EventuallyAsync(() => services.GetRequiredService<ICache>().Statistics().Feeds.Single() is { State: FeedState.Following, Lag: not null, Confirmed: not null });
        for (var id = 1; id <= 3; id++)
        {
            await things.GetAsync(id, cancellationToken: Token);
        }

        await using (var connection = _database.Open())
        {
            await using var transaction = connection.BeginTransaction();
            transaction.Save("before");
            await _outbox.AddAsync(transaction, [Deleted(1)], Token);
            transaction.Rollback("before");

            // More than one statement takes.
            await _outbox.AddAsync(transaction, [Deleted(2), .. Enumerable.Range(100, 400).Select(Deleted)], Token);
            transaction.Commit();
        }

        await EventuallyAsync(() => !things.TryPeek(2, out _));
        Assert.True(things.TryPeek(1, out _) && things.TryPeek(3, out _));
        await EventuallyAsync(() => Count() == 0);
    }

    [Fact]
    public void Values_are_written_as_they_are_read()
    {
        object?[] values = [null, "it's, \"X'00'\" ?", "", long.MinValue, 0.1, -1e300, new byte[] { 0, 255 }, RowValues.Absent, "NULL"];
        Assert.Equal(values, LiteralReader.Read(LiteralWriter.Write(values)));
        Assert.Equal([1L, 3L, "12.50", "NaN", "0f8fad5b-d9cb-469f-a165-70867728950e"], LiteralReader.Read(LiteralWriter.Write([true, (byte)3, 12.50m, double.NaN, Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e")])));
    }

    public void Dispose() => _database.Dispose();

    private static RowChange Deleted(int id) => new("things", RowChangeKind.Delete, RowValues.Of(("id", id)), null);

    private string? Read(int id)
    {
        using var connection = _database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT note FROM things WHERE id = {id}";
        return (string?)command.ExecuteScalar();
    }

    private long Count()
    {
        using var connection = _database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {_outbox.Table}";
        return (long)command.ExecuteScalar()!;
    }

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        for (var i = 0; i < 1_500 && !holds(); i++)
        {
            await Task.Delay(20, Token);
        }

        Assert.True(holds());
    }
}
