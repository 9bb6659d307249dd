using Microsoft.Data.Sqlite;
using Millpond.Journals;
using Millpond.Sinks;

namespace Millpond.Sqlite.Sinks;

/// <summary>The prepared statements of one transaction.</summary>
internal sealed class TableStatements<TKey, TValue>(SqliteTransaction transaction, TableSql sql, SinkTable<TKey, TValue> table) : IDisposable
    where TKey : notnull
{
    private readonly Dictionary<JournalKind, SqliteCommand> _commands = [];

    public void Apply(in SinkItem<TKey, TValue> item)
    {
        var command = CommandOf(item.Kind);
        var at = 0;
        foreach (var column in table.KeyColumns)
        {
            command.Parameters[at++].Value = column.Of(item.Key) ?? DBNull.Value;
        }

        if (item.Kind == JournalKind.Increment)
        {
            command.Parameters[at].Value = item.Delta;
        }
        else if (item.Kind == JournalKind.Set)
        {
            foreach (var column in table.ValueColumns)
            {
                command.Parameters[at++].Value = column.Of(item.Value!) ?? DBNull.Value;
            }
        }

        command.ExecuteNonQuery();
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }
    }

    private SqliteCommand CommandOf(JournalKind kind)
    {
        if (_commands.TryGetValue(kind, out var command))
        {
            return command;
        }

        command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = kind switch
        {
            JournalKind.Set => sql.Set,
            JournalKind.Delete => sql.Delete,
            _ => sql.Increment ?? throw new SinkException(SinkFailure.Refused, $"the sink's table '{table.Name}' has no column to count in (Count)"),
        };
        var parameters = table.KeyColumns.Count + (kind == JournalKind.Set ? table.ValueColumns.Count : kind == JournalKind.Increment ? 1 : 0);
        for (var i = 0; i < parameters; i++)
        {
            command.Parameters.AddWithValue($"@p{i}", DBNull.Value);
        }

        _commands[kind] = command;
        return command;
    }
}
