using System.Text.Json;
using Millpond.Feeds;

namespace Millpond.Debezium.Envelopes;

/// <summary>
/// Understands what Debezium sends, however it was carried: an envelope as JSON, with its schema or without, for PostgreSQL, MySQL, MariaDB, SQL Server, Oracle, Db2 and MongoDB. Total: whatever comes, the answer is an event, and what cannot
/// be understood is refused with a reason.
/// </summary>
/// <param name="options">How messages are written.</param>
internal sealed class EnvelopeReader(DebeziumOptions options)
{
    // Deeper than any row is; what is nested more is somebody's attempt.
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 64 };

    private readonly RowReader _rows = new(options);

    /// <param name="key">The message's key, as JSON; empty if the transport has none.</param>
    /// <param name="value">Its value, as JSON.</param>
    public DebeziumEvent Read(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value)
    {
        // What stands for null where a transport knows none: nothing, or the word that Debezium's sinks write for it.
        if (value.IsEmpty || value.Span.SequenceEqual("default"u8))
        {
            return DebeziumEvent.Nothing("a tombstone.");
        }

        try
        {
            using var message = JsonDocument.Parse(value, Json);
            using var keyed = TryParse(key);
            return Read(keyed?.RootElement, message.RootElement);
        }
        catch (JsonException broken)
        {
            return DebeziumEvent.Refused($"it is not JSON (line {broken.LineNumber}, byte {broken.BytePositionInLine}).");
        }
        catch (Exception unforeseen) when (unforeseen is InvalidOperationException or FormatException or OverflowException or ArgumentException or KeyNotFoundException)
        {
            // Such as a text with half a surrogate pair. Without its message, which may have a value in it.
            return DebeziumEvent.Refused($"it has something that cannot be read ({unforeseen.GetType().Name}).");
        }
    }

    private static JsonDocument? TryParse(ReadOnlyMemory<byte> key)
    {
        try
        {
            return key.IsEmpty || key.Span.SequenceEqual("default"u8) ? null : JsonDocument.Parse(key, Json);
        }
        catch (JsonException)
        {
            // Keys may be plain text, and rows mostly say the same.
            return null;
        }
    }

    private DebeziumEvent Read(JsonElement? key, JsonElement message)
    {
        var (schema, payload) = Open(message);
        if (payload.ValueKind == JsonValueKind.Null)
        {
            return DebeziumEvent.Nothing("a tombstone.");
        }

        if (payload.ValueKind != JsonValueKind.Object)
        {
            return DebeziumEvent.Refused($"it is a {payload.ValueKind} and not an envelope.");
        }

        if (payload.Text("op") is { } op)
        {
            var source = SourceReader.Read(payload);
            return source is null ? DebeziumEvent.Refused("it does not say which table it is about ('source').") : ReadOperation(op, source, key is { } given ? Open(given) : default, schema, payload);
        }

        return ReadOther(payload);
    }

    private DebeziumEvent ReadOperation(string op, DebeziumSource source, (JsonElement? Schema, JsonElement Payload) key, JsonElement? schema, JsonElement payload)
    {
        if (op == "m")
        {
            return DebeziumEvent.Nothing("a message in the log.");
        }

        if (source.Names.Count == 0)
        {
            return DebeziumEvent.Refused("it does not name its table.", source);
        }

        return op switch
        {
            "c" => _rows.Read(RowChangeKind.Insert, source, key, schema, payload),
            "u" => _rows.Read(RowChangeKind.Update, source, key, schema, payload),
            "d" => _rows.Read(RowChangeKind.Delete, source, key, schema, payload),
            "r" when source.Snapshot == "incremental" => _rows.Read(RowChangeKind.Insert, source, key, schema, payload),
            "r" => new DebeziumEvent { Kind = DebeziumKind.Read, Source = source, Tables = [source.Names], Why = "a row of a snapshot." },
            "t" => new DebeziumEvent { Kind = DebeziumKind.Truncate, Source = source, Tables = [source.Names] },
            _ => DebeziumEvent.Refused($"its operation is none that is known ({(op.Length > 20 ? "a long one" : op)}).", source),
        };
    }

    /// <summary>What is no envelope: what Debezium tells of itself, or a row that was taken out of its envelope.</summary>
    private static DebeziumEvent ReadOther(JsonElement payload)
    {
        if (payload.Text("status") is "BEGIN" or "END" && payload.Text("id") is not null)
        {
            return DebeziumEvent.Nothing("the begin or end of a transaction.");
        }

        if (payload.TryGetProperty("ddl", out _) || payload.TryGetProperty("tableChanges", out _))
        {
            return ReadSchemaChange(payload);
        }

        if (payload.EnumerateObject().All(property => property.Name is "ts_ms" or "ts_us" or "ts_ns" or "serverName"))
        {
            return DebeziumEvent.Nothing("a sign of life.");
        }

        return DebeziumEvent.Refused("it is a row without its envelope (no 'op'). Send envelopes: leave out the transformation that unwraps them (ExtractNewRecordState).");
    }

    // Some databases tell that all rows are gone only in the statement that did it.
    private static DebeziumEvent ReadSchemaChange(JsonElement payload)
    {
        var statement = (payload.Text("ddl") ?? "").TrimStart();
        if (!((string[])["TRUNCATE", "DROP", "RENAME"]).Any(start => statement.StartsWith(start, StringComparison.OrdinalIgnoreCase)) || !payload.TryGetProperty("tableChanges", out var changes) || changes.ValueKind != JsonValueKind.Array)
        {
            return DebeziumEvent.Nothing("a change of a schema.");
        }

        List<IReadOnlyList<string>> tables = [];
        foreach (var change in changes.EnumerateArray())
        {
            if (change.ValueKind == JsonValueKind.Object && change.Text("id") is { } id)
            {
                tables.Add(SourceReader.NamesOf(id.Replace("\"", "", StringComparison.Ordinal).Split('.')));
            }
        }

        return new DebeziumEvent { Kind = DebeziumKind.Truncate, Tables = tables };
    }

    /// <summary>Takes out what was wrapped: by a converter with schemas, or as a cloud event.</summary>
    private static (JsonElement? Schema, JsonElement Payload) Open(JsonElement message)
    {
        if (message.ValueKind == JsonValueKind.Object && message.TryGetProperty("specversion", out _) && message.TryGetProperty("data", out var data))
        {
            message = data;
        }

        return message.ValueKind == JsonValueKind.Object && message.TryGetProperty("schema", out var schema) && message.TryGetProperty("payload", out var payload)
            ? (schema.ValueKind == JsonValueKind.Object ? schema : null, payload)
            : (null, message);
    }
}
