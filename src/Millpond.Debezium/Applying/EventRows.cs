using Millpond.Debezium.Envelopes;
using Millpond.Feeds;

namespace Millpond.Debezium.Applying;

/// <summary>Turns events into what a feed's transaction is told, for the tables that rules follow.</summary>
/// <remarks>
/// Debezium reads whole tables at its beginning, and again when it has lost its place. Between the place that it lost and that reading rows may have changed and gone of which it never tells; so the first row of such a reading makes its table doubtful, and the others add
/// nothing to that.
/// </remarks>
internal sealed class EventRows
{
    private readonly Dictionary<string, string> _tables = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _readAnew = new(StringComparer.Ordinal);

    public EventRows(IFeedSink sink)
    {
        foreach (var table in sink.Tables)
        {
            _tables.TryAdd(table.Name.Replace("\"", "", StringComparison.Ordinal), table.Name);
        }
    }

    /// <summary>Whether there was anything to tell.</summary>
    public bool TryAdd(DebeziumEvent told, IFeedTransaction into)
    {
        if (told.Kind == DebeziumKind.Nothing)
        {
            return false;
        }

        if (told.Kind == DebeziumKind.Lost)
        {
            into.Doubt(new FeedDoubt(null, FeedDoubtReason.Gap, told.Why));
            return true;
        }

        if (told.Tables.Count == 0)
        {
            into.Doubt(new FeedDoubt(null, FeedDoubtReason.Undecodable, $"A message of Debezium's was refused: {told.Why}"));
            return true;
        }

        var isAny = false;
        foreach (var table in told.Tables.Select(Find).OfType<string>())
        {
            isAny |= TryAdd(told, table, into);
        }

        return isAny;
    }

    private bool TryAdd(DebeziumEvent told, string table, IFeedTransaction into)
    {
        switch (told.Kind)
        {
            case DebeziumKind.Row:
                _readAnew.Remove(table);
                into.Add(new RowChange(table, told.Change, told.Old, told.New));
                return true;
            case DebeziumKind.Truncate:
                into.Add(new RowChange(table, RowChangeKind.Truncate, null, null));
                return true;
            case DebeziumKind.Read:
                if (!_readAnew.Add(table))
                {
                    return false;
                }

                into.Doubt(new FeedDoubt(table, FeedDoubtReason.Gap, $"Debezium reads {table} anew (a snapshot): what changed before that is not known."));
                return true;
            default:
                into.Doubt(new FeedDoubt(table, FeedDoubtReason.Undecodable, $"A message of Debezium's about {table} was refused: {told.Why}"));
                return true;
        }
    }

    private string? Find(IReadOnlyList<string> names) => names.Select(_tables.GetValueOrDefault).FirstOrDefault(found => found is not null);
}
