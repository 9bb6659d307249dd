using System.Text.Json;
using Millpond.Resp;

namespace Millpond.Debezium.Live.Tests.Live;

/// <summary>Writes to a stream as Debezium Server does.</summary>
internal static class Written
{
    /// <summary>A message of one pair, key and value, or with fields of those names.</summary>
    public static async Task AddAsync(RespClient client, string stream, string key, string value, bool isExtended = false) =>
        await (isExtended ? client.ExecuteAsync("XADD", stream, "*", "key", key, "value", value) : client.ExecuteAsync("XADD", stream, "*", key, value));

    public static string Envelope(string op, object? before, object? after, string connector = "postgresql") => JsonSerializer.Serialize(new
    {
        before,
        after,
        op,
        source = new { connector, db = "shop", schema = "public", table = "things", snapshot = "false", ts_ms = 1_700_000_000_000 },
        ts_ms = 1_700_000_000_001,
    });
}
