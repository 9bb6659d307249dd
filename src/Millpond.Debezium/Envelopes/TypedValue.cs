using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Millpond.Debezium.Envelopes;

/// <summary>
/// Reads a value that the schema gives a meaning beyond what JSON has, as text that a rule can read: decimals and bytes come in base64, times as counts since an epoch. Without a schema nothing tells a count from a number, so there it stays one.
/// </summary>
internal static class TypedValue
{
    // A number in PostgreSQL has at most 131,072 digits before and 16,383 behind its point.
    private const int ScaleMax = 16_383;
    private const int DecimalBytesMax = 65_536;

    /// <summary>False if the value is not what its schema says.</summary>
    public static bool TryRead(JsonElement type, JsonElement value, out object? read)
    {
        read = type.Text("name") switch
        {
            "org.apache.kafka.connect.data.Decimal" => Decimal(value, type.Object("parameters") is { } parameters ? parameters.Number("scale") : null),
            "io.debezium.data.VariableScaleDecimal" => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("value", out var unscaled) ? Decimal(unscaled, value.Number("scale")) : null,
            "io.debezium.time.Date" or "org.apache.kafka.connect.data.Date" => Date(value),
            "io.debezium.time.Timestamp" or "org.apache.kafka.connect.data.Timestamp" => Timestamp(value, TimeSpan.TicksPerMillisecond, 1),
            "io.debezium.time.MicroTimestamp" => Timestamp(value, TimeSpan.TicksPerMicrosecond, 1),
            "io.debezium.time.NanoTimestamp" => Timestamp(value, 1, TimeSpan.NanosecondsPerTick),
            "io.debezium.time.Time" or "org.apache.kafka.connect.data.Time" => Time(value, TimeSpan.TicksPerMillisecond, 1),
            "io.debezium.time.MicroTime" => Time(value, TimeSpan.TicksPerMicrosecond, 1),
            "io.debezium.time.NanoTime" => Time(value, 1, TimeSpan.NanosecondsPerTick),
            "io.debezium.data.Bits" or null when type.Text("type") == "bytes" => Bytes(value),
            _ => Plain(value),
        };
        return read is not null;
    }

    /// <summary>As it is written.</summary>
    public static string Plain(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static string? Decimal(JsonElement value, long? scale)
    {
        if (value.ValueKind != JsonValueKind.String || scale is not (>= 0 and <= ScaleMax))
        {
            // Some converters write it as a number after all.
            return value.ValueKind == JsonValueKind.Number ? value.GetRawText() : null;
        }

        if (!value.TryGetBytesFromBase64(out var bytes) || bytes.Length > DecimalBytesMax)
        {
            return decimal.TryParse(value.GetString(), NumberStyles.Number, CultureInfo.InvariantCulture, out _) ? value.GetString() : null;
        }

        var unscaled = new BigInteger(bytes, isUnsigned: false, isBigEndian: true);
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft((int)scale.Value + 1, '0');
        var text = scale == 0 ? digits : $"{digits[..^(int)scale.Value]}.{digits[^(int)scale.Value..]}";
        return unscaled.Sign < 0 ? "-" + text : text;
    }

    private static string? Date(JsonElement value) =>
        Count(value) is { } days && days + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber is >= 0 and var day && day <= DateOnly.MaxValue.DayNumber
            ? DateOnly.FromDayNumber((int)day).ToString("O", CultureInfo.InvariantCulture) : null;

    private static string? Timestamp(JsonElement value, long ticks, long unitsPerTick) =>
        Count(value) is { } count && (Int128)count * ticks / unitsPerTick + DateTime.UnixEpoch.Ticks is var at && at >= 0 && at <= DateTime.MaxValue.Ticks
            ? new DateTime((long)at).ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) : null;

    private static string? Time(JsonElement value, long ticks, long unitsPerTick) =>
        Count(value) is { } count && (Int128)count * ticks / unitsPerTick is var of && of >= -TimeSpan.TicksPerDay * 100 && of <= TimeSpan.TicksPerDay * 100
            ? TimeSpan.FromTicks((long)of).ToString("c", CultureInfo.InvariantCulture) : null;

    private static string? Bytes(JsonElement value) => value.ValueKind == JsonValueKind.String && value.TryGetBytesFromBase64(out var bytes) ? "\\x" + Convert.ToHexStringLower(bytes) : null;

    private static long? Count(JsonElement value) => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count) ? count : null;
}
