using System.Text;
using System.Text.Json;
using Millpond.Feeds;

namespace Millpond.Debezium.Envelopes;

/// <summary>Reads a row's columns, by the schema that came with it where one did.</summary>
internal sealed class FieldReader(string unavailable)
{
    // Columns in a table; databases allow fewer.
    private const int ColumnsMax = 10_000;

    private readonly string _unavailableBytes = Convert.ToBase64String(Encoding.UTF8.GetBytes(unavailable));

    /// <summary>Stands for a large value that did not change and that the database therefore did not send.</summary>
    public static object Unavailable { get; } = new();

    /// <summary>The schema of one of an envelope's rows.</summary>
    public static JsonElement? SchemaOf(JsonElement envelope, string name) =>
        FieldsOf(envelope).FirstOrDefault(field => field.Text("field") == name) is { ValueKind: JsonValueKind.Object } found ? found : null;

    /// <summary>Null if there is no row.</summary>
    /// <param name="schema">The row's schema, if there is one.</param>
    /// <param name="row">The row.</param>
    public List<Field>? ReadRow(JsonElement? schema, JsonElement row)
    {
        if (row.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var types = schema is { } given ? FieldsOf(given).Where(field => field.Text("field") is not null).Take(ColumnsMax).GroupBy(field => field.Text("field")!, StringComparer.Ordinal).ToDictionary(field => field.Key, field => field.First(), StringComparer.Ordinal) : [];
        List<Field> fields = [];
        foreach (var column in row.EnumerateObject().Take(ColumnsMax))
        {
            fields.Add(new Field(column.Name, Value(types.TryGetValue(column.Name, out var type) ? type : null, column.Value)));
        }

        return fields;
    }

    private static IEnumerable<JsonElement> FieldsOf(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("fields", out var fields) && fields.ValueKind == JsonValueKind.Array
            ? fields.EnumerateArray().Where(field => field.ValueKind == JsonValueKind.Object)
            : [];

    private object? Value(JsonElement? type, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (IsUnavailable(value))
        {
            return Unavailable;
        }

        // What a schema calls otherwise than it is written is not known, which is no reason to refuse the row.
        return type is { } known ? TypedValue.TryRead(known, value, out var read) ? read : RowValues.Absent : TypedValue.Plain(value);
    }

    private bool IsUnavailable(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.ValueEquals(unavailable) || value.ValueEquals(_unavailableBytes),
        JsonValueKind.Array or JsonValueKind.Object => value.GetRawText() is var text && (text.Contains(unavailable, StringComparison.Ordinal) || text.Contains(_unavailableBytes, StringComparison.Ordinal)),
        _ => false,
    };
}
