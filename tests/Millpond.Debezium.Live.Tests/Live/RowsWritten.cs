using Millpond.Feeds;
using Millpond.Testing.Conformance;

namespace Millpond.Debezium.Live.Tests.Live;

/// <summary>The rows of a case's table, so that each message has the row from before.</summary>
internal sealed class RowsWritten
{
    private readonly Dictionary<int, object> _rows = [];

    /// <summary>What Debezium says of a write.</summary>
    public (string Op, object? Before, object? After) Add(RowWrite write)
    {
        var before = _rows.GetValueOrDefault(write.Id);
        object? after = write.Kind is RowChangeKind.Insert or RowChangeKind.Update ? new { id = write.Id, grp = write.Group, note = write.Note } : null;
        _rows.Remove(write.Id);
        if (after is not null)
        {
            _rows[write.Id] = after;
        }

        return (write.Kind switch { RowChangeKind.Insert => "c", RowChangeKind.Update => "u", RowChangeKind.Delete => "d", _ => "t" }, before, after);
    }
}
