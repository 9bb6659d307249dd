using System.Text.Json;

namespace Millpond.Debezium.Envelopes;

/// <summary>Reads where a change comes from.</summary>
internal static class SourceReader
{
    // Beyond what a clock can mean; a date must not be what makes a message unreadable.
    private const long MillisecondsMax = 253_402_300_799_999;

    /// <summary>Null if the message does not say.</summary>
    public static DebeziumSource? Read(JsonElement payload)
    {
        if (payload.Object("source") is not { } source)
        {
            return null;
        }

        var parts = new[] { source.Text("db"), source.Text("schema"), source.Text("table") ?? source.Text("collection") }.Where(part => !string.IsNullOrEmpty(part)).Select(part => part!).ToArray();
        var hasTable = source.Text("table") is { Length: > 0 } || source.Text("collection") is { Length: > 0 };
        var connector = source.Text("connector") ?? "";
        var at = source.Number("ts_ms") is { } milliseconds and > 0 and < MillisecondsMax ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : (DateTimeOffset?)null;
        return new DebeziumSource(connector, hasTable ? NamesOf(parts) : [], connector == "postgresql" && source.Number("txId") is { } id and > 0 ? unchecked((uint)id) : null, at, SnapshotOf(source));
    }

    /// <summary>As rules may name a table: with its schema first, since that is what rules mostly do, then with its database, then with nothing.</summary>
    public static IReadOnlyList<string> NamesOf(IReadOnlyList<string> parts) => parts.Count switch
    {
        0 => [],
        1 => [parts[0]],
        2 => [$"{parts[0]}.{parts[1]}", parts[1]],
        _ => [$"{parts[^2]}.{parts[^1]}", $"{parts[^3]}.{parts[^2]}.{parts[^1]}", $"{parts[^3]}.{parts[^1]}", parts[^1]],
    };

    // Older versions write a truth value, later ones a text.
    private static string? SnapshotOf(JsonElement source) =>
        !source.TryGetProperty("snapshot", out var snapshot) ? null
        : snapshot.ValueKind == JsonValueKind.True ? "true"
        : snapshot.ValueKind == JsonValueKind.String && snapshot.GetString() is { } text and not "false" ? text
        : null;
}
