using Millpond.Journals;
using Millpond.Postgres.Sinks;
using Millpond.Sinks;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>The database's machine stands still in the middle of a commit, and wakes up when somebody else leads; or it ends between two leads.</summary>
public sealed class FrozenDatabase(Database database) : IClassFixture<Database>
{
    private const int Commits = 4711;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A56_a_batch_that_commits_when_its_database_wakes_up_is_seen_by_whoever_has_taken_over()
    {
        var server = database.Server;
        await Database.RunAsync(
            server,
            "create table notes (id int primary key, note text not null)",
            $"create function wait_to_commit() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock({Commits}); return null; end $$",
            "create constraint trigger wait_to_commit after insert or update on notes deferrable initially deferred for each row execute function wait_to_commit()");
        await using var gate = new Npgsql.NpgsqlConnection(server.ConnectionString);
        await gate.OpenAsync(Stop);
        await AskAsync(gate, $"select pg_advisory_lock({Commits})");

        await using var zombie = NewNotes();
        await using var successor = NewNotes();
        Assert.Equal(0, await zombie.TakeOverAsync(Lead(1), "", Stop));
        var committing = zombie.ApplyAsync(Batch(Lead(1), 0, 1, "first"), Stop).AsTask();
        await WaitingAsync("locktype = 'advisory'");
        await server.PauseAsync();
        var takingOver = successor.TakeOverAsync(Lead(2), "", Stop).AsTask();
        var moment = Task.Delay(200, Stop);
        Assert.Same(moment, await Task.WhenAny(committing, takingOver, moment));
        await server.ResumeAsync();
        await WaitingAsync("locktype <> 'advisory'");
        await AskAsync(gate, $"select pg_advisory_unlock({Commits})");

        await committing;
        Assert.Equal(1, await takingOver);
        var fenced = await Assert.ThrowsAsync<SinkException>(() => zombie.ApplyAsync(Batch(Lead(1), 1, 2, "of a zombie"), Stop).AsTask());
        Assert.Equal(SinkFailure.Fenced, fenced.Failure);
        await successor.ApplyAsync(Batch(Lead(2), 1, 2, "second"), Stop);
        Assert.Equal("second", await Database.AskAsync<string>(server, "select note from notes where id = 1"));
    }

    [Fact]
    public async Task Whoever_takes_over_after_the_server_was_started_again_does_not_stumble_over_connections_of_before()
    {
        await using var sink = NewNotes();
        Assert.Equal(0, await sink.TakeOverAsync(Lead(11) with { Journal = "another" }, "", Stop));
        await database.Server.KillAsync();
        await database.Server.LaunchAsync();
        await using var others = new Npgsql.NpgsqlConnection(database.Server.ConnectionString);
        Npgsql.NpgsqlConnection.ClearPool(others);
        Assert.Equal(0, await sink.TakeOverAsync(Lead(12) with { Journal = "another" }, "", Stop));
    }

    private static SinkLead Lead(long token) => new("notes", "journal", token);

    private static SinkBatch<int, string> Batch(SinkLead lead, long from, long through, string note) =>
        new() { Lead = lead, Lane = "", From = from, Through = through, Items = [new(1, JournalKind.Set, note, 0, through, 1)] };

    private async Task WaitingAsync(string which)
    {
        while (await Database.AskAsync<bool>(database.Server, $"select not exists (select from pg_locks where not granted and {which})"))
        {
            await Task.Delay(10, Stop);
        }
    }

    private static async Task<object?> AskAsync(Npgsql.NpgsqlConnection connection, string question)
    {
        await using var command = new Npgsql.NpgsqlCommand(question, connection);
        return await command.ExecuteScalarAsync(Stop);
    }

    private PostgresSink<int, string> NewNotes() => new(new PostgresSinkOptions { ConnectionString = database.Server.ConnectionString }, new SinkTable<int, string>("notes").Key("id", id => id).Column("note", note => note));
}
