using System.Globalization;
using System.Text.Json;

namespace Millpond.Debezium.Envelopes;

/// <summary>Reads MongoDB's documents, which an envelope has as a text of extended JSON: their fields are the columns, and what is typed by an object (<c>{"$oid": ...}</c>) is read as its value.</summary>
internal static class MongoDocument
{
    private const string Id = "_id";

    /// <summary>Null if there is no document.</summary>
    public static List<Field>? Read(JsonElement document) => Parsed(document, static root => root.ValueKind == JsonValueKind.Object ? root.EnumerateObject().Select(field => new Field(field.Name, Value(field.Value))).ToList() : null);

    /// <summary>The key is <c>id</c>, whose value is a text of extended JSON.</summary>
    public static List<Field>? ReadKey(JsonElement key) =>
        key.ValueKind == JsonValueKind.Object && key.TryGetProperty("id", out var id) && Parsed(id, static root => root.ValueKind == JsonValueKind.Null ? null : Value(root)) is { } value ? [new Field(Id, value)] : null;

    /// <summary>What an update without the document says of it: the key, and which fields were set or removed.</summary>
    public static List<Field>? ReadUpdate(JsonElement payload, List<Field>? keys)
    {
        if (keys is null || payload.Object("updateDescription") is not { } update)
        {
            return null;
        }

        List<Field> fields = [.. keys];
        if (update.TryGetProperty("updatedFields", out var updated))
        {
            fields.AddRange((Read(updated) ?? []).Where(field => field.Name != Id));
        }

        if (update.TryGetProperty("removedFields", out var removed) && removed.ValueKind == JsonValueKind.Array)
        {
            fields.AddRange(removed.EnumerateArray().Where(field => field.ValueKind == JsonValueKind.String).Select(field => new Field(field.GetString()!, null)));
        }

        return fields;
    }

    private static T? Parsed<T>(JsonElement text, Func<JsonElement, T?> read)
        where T : class
    {
        if (text.ValueKind != JsonValueKind.String)
        {
            return text.ValueKind is JsonValueKind.Object or JsonValueKind.Number ? read(text) : null;
        }

        try
        {
            using var document = JsonDocument.Parse(text.GetString()!, new JsonDocumentOptions { MaxDepth = 64 });
            return read(document.RootElement);
        }
        catch (JsonException)
        {
            // A key that is a plain text.
            using var plain = JsonDocument.Parse(JsonSerializer.Serialize(text.GetString()));
            return read(plain.RootElement);
        }
    }

    private static string? Value(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().ToArray() is [var only] && only.Name.StartsWith('$'))
        {
            return only.Name switch
            {
                "$oid" or "$numberLong" or "$numberInt" or "$numberDecimal" or "$numberDouble" or "$symbol" or "$uuid" => TypedValue.Plain(only.Value),
                "$date" => Date(only.Value),
                _ => value.GetRawText(),
            };
        }

        return TypedValue.Plain(value);
    }

    private static string Date(JsonElement date)
    {
        var milliseconds = date.ValueKind == JsonValueKind.Object ? date.Number("$numberLong") : date.ValueKind == JsonValueKind.Number && date.TryGetInt64(out var number) ? number : null;
        return milliseconds is { } since and > -62_135_596_800_000 and < 253_402_300_799_999
            ? DateTimeOffset.FromUnixTimeMilliseconds(since).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) + "Z"
            : TypedValue.Plain(date);
    }
}
