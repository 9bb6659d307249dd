using System.Text.Json;
using System.Text.Json.Serialization;

namespace Millpond.HotKeys;

/// <summary>What one process reads most of one keyspace, as it tells the others.</summary>
/// <param name="Process">Names the process among the others; drawn when its cache is built.</param>
/// <param name="Age">How many seconds ago it was told. A span, because no two machines' clocks are compared.</param>
/// <param name="Reads">All reads of the keyspace a second.</param>
/// <param name="Keys">The texts of the keys that are read most, each with its reads a second, at least.</param>
internal sealed record HotReport(string Process, double Age, double Reads, IReadOnlyDictionary<string, double> Keys)
{
    /// <summary>Reports in one record: beyond them the oldest are left out. With keys of full length 128 KB.</summary>
    public const int ReportsMax = 64;

    /// <summary>The reports of a record; none if it is not one of ours, or damaged. Total: never throws.</summary>
    public static IReadOnlyList<HotReport> Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var read = JsonSerializer.Deserialize(bytes, HotReportJson.Default.HotReportArray) ?? [];
            return [.. read.Where(one => one is { Process: not null, Keys: not null } && IsRate(one.Age) && IsRate(one.Reads) && one.Keys.Values.All(IsRate)).Take(ReportsMax)];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    public static byte[] Encode(IEnumerable<HotReport> reports) =>
        JsonSerializer.SerializeToUtf8Bytes([.. reports.OrderBy(one => one.Age).Take(ReportsMax)], HotReportJson.Default.HotReportArray);

    private static bool IsRate(double value) => value >= 0 && double.IsFinite(value);
}

/// <summary>Written by the compiler, so that the library also runs where code cannot be generated.</summary>
[JsonSerializable(typeof(HotReport[]))]
internal sealed partial class HotReportJson : JsonSerializerContext;
