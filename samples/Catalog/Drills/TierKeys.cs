using Catalog.Options;
using Millpond.Resp;

namespace Catalog.Drills;

/// <summary>What the sample keeps in the shared tier's engine. The cache itself has no call that empties an engine; this is an operator's slip of the hand, made on purpose.</summary>
internal sealed class TierKeys(CatalogOptions options)
{
    /// <summary>Every key of the sample's prefix, and no other: the engine may be somebody's own.</summary>
    private const string Pattern = "{millpond:*";

    /// <summary>Deletes them all, records and what says of them alike, as losing a server without a copy would. Null if there is no engine.</summary>
    /// <returns>How many there were.</returns>
    public async Task<long?> DeleteAsync(CancellationToken cancellation)
    {
        if (options.Engine is null)
        {
            return null;
        }

        await using var client = new RespClient(RespOptions.Parse(options.Engine));
        (string cursor, long deleted) = ("0", 0);
        do
        {
            RespValue page = await client.ExecuteAsync(new RespCommand("SCAN", [cursor, "MATCH", Pattern, "COUNT", "1000"]), cancellation);
            cursor = page.Items[0].Text!;
            RespArgument[] keys = [.. page.Items[1].Items.Select(key => (RespArgument)key.Bytes)];
            deleted += keys.Length == 0 ? 0 : (await client.ExecuteAsync(new RespCommand("UNLINK", keys), cancellation)).Integer;
        }
        while (cursor != "0");
        return deleted;
    }
}
