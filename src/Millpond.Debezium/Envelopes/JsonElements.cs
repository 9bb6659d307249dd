using System.Text.Json;

namespace Millpond.Debezium.Envelopes;

/// <summary>Looks into JSON that may be anything.</summary>
internal static class JsonElements
{
    /// <summary>A text; null if there is none of the name.</summary>
    public static string? Text(this JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static long? Number(this JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value)
            ? value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number
            : value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), System.Globalization.CultureInfo.InvariantCulture, out number) ? number
            : null : null;

    /// <summary>An object; null if there is none of the name.</summary>
    public static JsonElement? Object(this JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;
}
