using System.Text;
using Millpond.Debezium.Envelopes;
using Millpond.Feeds;

namespace Millpond.Debezium.Tests.Envelopes;

/// <summary>What a reader makes of a message, in one line.</summary>
internal static class Told
{
    public static DebeziumEvent Read(string value, string key = "", DebeziumOptions? options = null) =>
        new EnvelopeReader(options ?? new DebeziumOptions()).Read(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));

    /// <summary>Such as <c>Update public.t id=1 -&gt; id=1 note=b</c>; what is not known is left out.</summary>
    public static string Say(string value, string key = "", DebeziumOptions? options = null)
    {
        var told = Read(value, key, options);
        return told.Kind switch
        {
            DebeziumKind.Row => $"{told.Change} {told.Tables[0][0]} {string.Join(" -> ", new[] { told.Old, told.New }.OfType<RowValues>().Select(Say))}",
            DebeziumKind.Nothing or DebeziumKind.Refused => $"{told.Kind}: {told.Why}",
            _ => $"{told.Kind} {string.Join(", ", told.Tables.Select(names => names[0]))}",
        };
    }

    private static string Say(RowValues row) => string.Join(' ', row.Columns.Where(row.Has).Select(column => $"{column}={row[column] ?? "null"}"));
}
