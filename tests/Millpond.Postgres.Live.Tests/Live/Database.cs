using Millpond.Engines.Live;
using Npgsql;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>A server with the table that tests are about, shared by a class of tests.</summary>
public sealed class Database : IAsyncLifetime
{
    public const string Table = "public.things";

    public PostgresServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await PostgresServer.StartAsync();
        await RunAsync(Server, $"create table {Table} (id int primary key, grp int not null, note text)", $"alter table {Table} replica identity full");
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>Runs statements, each in a transaction of its own.</summary>
    public static async Task RunAsync(PostgresServer server, params string[] statements)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        foreach (var statement in statements)
        {
            await using var command = new NpgsqlCommand(statement, connection);
            await command.ExecuteNonQueryAsync();
        }
    }

    public static async Task<T> AskAsync<T>(PostgresServer server, string question)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(question, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
