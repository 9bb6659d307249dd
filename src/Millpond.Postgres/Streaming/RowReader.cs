using Millpond.Feeds;
using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;

namespace Millpond.Postgres.Streaming;

/// <summary>Reads the rows of one table as the log shapes them now. Keeps its arrays from row to row: a row is given to a transaction before the next is read.</summary>
internal sealed class RowReader
{
    private readonly int[] _places;
    private readonly bool[] _isIdentity;
    private readonly object?[] _old;
    private readonly object?[] _new;
    private readonly RowValues _oldValues;
    private readonly RowValues _newValues;

    /// <param name="table">The table as rules know it.</param>
    /// <param name="relation">Its shape, which the log tells anew whenever it has changed.</param>
    public RowReader(FeedTable table, RelationMessage relation)
    {
        Table = table.Name;
        var columns = table.Columns.ToArray();
        _places = new int[relation.Columns.Count];
        _isIdentity = new bool[columns.Length];
        for (var i = 0; i < _places.Length; i++)
        {
            // A column that rules read and that is not there any more stays absent, and a rule that asks for it makes a doubt.
            _places[i] = Array.IndexOf(columns, relation.Columns[i].ColumnName);
            if (_places[i] >= 0)
            {
                _isIdentity[_places[i]] = relation.Columns[i].Flags.HasFlag(RelationMessage.Column.ColumnFlags.PartOfKey);
            }
        }

        (_old, _new) = (new object?[columns.Length], new object?[columns.Length]);
        (_oldValues, _newValues) = (new RowValues(columns, _old), new RowValues(columns, _new));
    }

    public string Table { get; }

    public async ValueTask AddAsync(InsertMessage insert, IFeedTransaction transaction, CancellationToken stop)
    {
        await ReadAsync(insert.NewRow, _new, stop).ConfigureAwait(false);
        transaction.Add(new RowChange(Table, RowChangeKind.Insert, null, _newValues));
    }

    public async ValueTask AddAsync(UpdateMessage update, IFeedTransaction transaction, CancellationToken stop)
    {
        switch (update)
        {
            case FullUpdateMessage full:
                await ReadAsync(full.OldRow, _old, stop).ConfigureAwait(false);
                await ReadAsync(full.NewRow, _new, stop).ConfigureAwait(false);

                // What was too large to be sent twice did not change.
                Fill(_new, from: _old, identityOnly: false);
                break;
            case IndexUpdateMessage indexed:
                await ReadAsync(indexed.Key, _old, stop).ConfigureAwait(false);
                ForgetAllButIdentity(_old);
                await ReadAsync(indexed.NewRow, _new, stop).ConfigureAwait(false);
                break;
            default:
                // Nothing of the replica identity changed, so its old values are the new ones. The others are not known.
                await ReadAsync(update.NewRow, _new, stop).ConfigureAwait(false);
                Array.Fill(_old, RowValues.Absent);
                Fill(_old, from: _new, identityOnly: true);
                break;
        }

        transaction.Add(new RowChange(Table, RowChangeKind.Update, _oldValues, _newValues));
    }

    public async ValueTask AddAsync(DeleteMessage delete, IFeedTransaction transaction, CancellationToken stop)
    {
        if (delete is FullDeleteMessage full)
        {
            await ReadAsync(full.OldRow, _old, stop).ConfigureAwait(false);
        }
        else
        {
            await ReadAsync(((KeyDeleteMessage)delete).Key, _old, stop).ConfigureAwait(false);
            ForgetAllButIdentity(_old);
        }

        transaction.Add(new RowChange(Table, RowChangeKind.Delete, _oldValues, null));
    }

    private async ValueTask ReadAsync(ReplicationTuple row, object?[] values, CancellationToken stop)
    {
        Array.Fill(values, RowValues.Absent);
        var column = 0;
        await foreach (var value in row.WithCancellation(stop).ConfigureAwait(false))
        {
            var place = column < _places.Length ? _places[column] : -1;
            column++;
            if (place >= 0 && !value.IsUnchangedToastedValue)
            {
                values[place] = value.IsDBNull ? null : await value.Get<string>(stop).ConfigureAwait(false);
            }
        }
    }

    private void Fill(object?[] values, object?[] from, bool identityOnly)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (ReferenceEquals(values[i], RowValues.Absent) && (!identityOnly || _isIdentity[i]))
            {
                values[i] = from[i];
            }
        }
    }

    // A key comes as a whole row in which all other columns are null.
    private void ForgetAllButIdentity(object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _isIdentity[i] ? values[i] : RowValues.Absent;
        }
    }
}
