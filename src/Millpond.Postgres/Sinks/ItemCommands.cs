using Millpond.Journals;
using Millpond.Sinks;
using Npgsql;

namespace Millpond.Postgres.Sinks;

/// <summary>What a batch's items are to the database: statements for one row each, or for many rows at once.</summary>
internal sealed class ItemCommands<TKey, TValue>(SinkTable<TKey, TValue> table)
    where TKey : notnull
{
    private readonly TableSql _one = new(table.Name, Names(table.KeyColumns), Names(table.ValueColumns), table.CountColumn, i => $"${i + 1}");
    private readonly ManyRowsSql _many = new(table.Name, Names(table.KeyColumns), Names(table.ValueColumns), table.CountColumn);

    /// <summary>A statement for each row of items that stand together and are of one kind, so that the items' order is kept.</summary>
    public IEnumerable<NpgsqlBatchCommand> Many(IReadOnlyList<SinkItem<TKey, TValue>> items)
    {
        for (var (from, to) = (0, 0); from < items.Count; from = to)
        {
            while (to < items.Count && items[to].Kind == items[from].Kind)
            {
                to++;
            }

            SinkItem<TKey, TValue>[] run = [.. items.Skip(from).Take(to - from)];
            if (run.Length > 1 && TryTogether(run) is { } together)
            {
                yield return together;
                continue;
            }

            foreach (var item in run)
            {
                yield return One(item);
            }
        }
    }

    public NpgsqlBatchCommand One(SinkItem<TKey, TValue> item)
    {
        var command = new NpgsqlBatchCommand(item.Kind switch
        {
            JournalKind.Set => _one.Set,
            JournalKind.Delete => _one.Delete,
            _ => _one.Increment ?? throw NoCount(),
        });
        foreach (var cell in Cells(item))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = cell ?? DBNull.Value });
        }

        return command;
    }

    /// <summary>One statement for items of one kind; null where a column has no array.</summary>
    private NpgsqlBatchCommand? TryTogether(SinkItem<TKey, TValue>[] items)
    {
        object?[][] rows = [.. items.Select(item => Cells(item).ToArray())];
        var command = new NpgsqlBatchCommand();
        var hasArray = new bool[rows[0].Length];
        for (var column = 0; column < hasArray.Length; column++)
        {
            object?[] cells = [.. rows.Select(row => row[column])];
            if (Array.TrueForAll(cells, cell => cell is null))
            {
                continue;
            }

            if (ColumnArray.Of(cells) is not { } array)
            {
                return null;
            }

            hasArray[column] = true;
            command.Parameters.Add(new NpgsqlParameter { Value = array });
        }

        // Rows of nothing but nulls: there is no array whose length would say how many.
        if (command.Parameters.Count == 0)
        {
            return null;
        }

        command.CommandText = items[0].Kind switch
        {
            JournalKind.Set => _many.Set(hasArray),
            JournalKind.Delete => _many.Delete(hasArray),
            _ => _many.Increment(hasArray) ?? throw NoCount(),
        };
        return command;
    }

    private IEnumerable<object?> Cells(SinkItem<TKey, TValue> item)
    {
        foreach (var column in table.KeyColumns)
        {
            yield return column.Of(item.Key);
        }

        if (item.Kind == JournalKind.Increment)
        {
            yield return item.Delta;
        }
        else if (item.Kind == JournalKind.Set)
        {
            foreach (var column in table.ValueColumns)
            {
                yield return column.Of(item.Value!);
            }
        }
    }

    private SinkException NoCount() => new(SinkFailure.Refused, $"the sink's table '{table.Name}' has no column to count in (Count)");

    private static string[] Names<T>(IReadOnlyList<SinkColumn<T>> columns) => [.. columns.Select(column => column.Name)];
}
