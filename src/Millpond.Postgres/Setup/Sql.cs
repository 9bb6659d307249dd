using Npgsql;

namespace Millpond.Postgres.Setup;

/// <summary>Statements with positional parameters, each as one call.</summary>
internal static class Sql
{
    public static async Task<List<T>> RowsAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken stop, params object[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        var reader = await command.ExecuteReaderAsync(stop).ConfigureAwait(false);
        await using var ends = reader.ConfigureAwait(false);
        List<T> rows = [];
        while (await reader.ReadAsync(stop).ConfigureAwait(false))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public static async Task<string> TextAsync(NpgsqlConnection connection, string sql, CancellationToken stop, params object[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        return (string)(await command.ExecuteScalarAsync(stop).ConfigureAwait(false))!;
    }

    /// <param name="connection">Where.</param>
    /// <param name="sql">The statement.</param>
    /// <param name="timeout">In seconds; null for the connection's own, 0 for none.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="parameters">Its parameters.</param>
    public static async Task<string?> RunAsync(NpgsqlConnection connection, string sql, int? timeout, CancellationToken stop, params object[] parameters)
    {
        using var command = Command(connection, sql, parameters);
        command.CommandTimeout = timeout ?? command.CommandTimeout;
        return (await command.ExecuteScalarAsync(stop).ConfigureAwait(false))?.ToString();
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return command;
    }
}
