using Millpond.Resp.Nodes;

namespace Millpond.Resp.Probing;

/// <summary>
/// Finds out what a server can do. What leaves no trace is tried, so that an access list that forbids it shows; of the rest the server is asked whether it knows the commands. A server
/// that refuses to tell has not got it: what cannot be made sure of is not relied on.
/// </summary>
internal static class CapabilityProbe
{
    private static readonly string[] AskedFor = ["WATCH", "SPUBLISH", "DELEX", "DELIFEQ", "SETIFMATCH", "DELIFGREATER"];
    private static readonly Version ValkeyWithCompare = new(8, 1);

    public static async ValueTask<RespCapabilities> RunAsync(NodeDispatcher node, RespServer server)
    {
        var script = TryAsync(node, "EVAL", "return 1", 0);
        var functions = TryAsync(node, "FUNCTION", "STATS");
        var tracking = TryAsync(node, "CLIENT", "TRACKINGINFO");
        var commands = TryAsync(node, "COMMAND", ["INFO", .. AskedFor]);
        var known = await KnownAsync(commands).ConfigureAwait(false);
        var found = RespCapabilities.None;
        found |= (await script.ConfigureAwait(false))?.Text == "1" ? RespCapabilities.Scripts : 0;
        found |= await functions.ConfigureAwait(false) is not null ? RespCapabilities.Functions : 0;
        found |= await tracking.ConfigureAwait(false) is not null && server.Protocol >= 3 ? RespCapabilities.Tracking : 0;
        found |= known.Contains("WATCH") ? RespCapabilities.Transactions : 0;
        found |= known.Contains("SPUBLISH") ? RespCapabilities.ShardedChannels : 0;
        found |= known.Contains("DELEX") || known.Contains("DELIFEQ") ? RespCapabilities.CompareAndDelete | RespCapabilities.CompareAndSet : 0;
        found |= server.Product == RespProduct.Valkey && server.Version >= ValkeyWithCompare ? RespCapabilities.CompareAndSet : 0;
        found |= known.Contains("SETIFMATCH") && known.Contains("DELIFGREATER") && !server.IsCluster ? RespCapabilities.EntityTags : 0;
        return found;
    }

    // One entry for each command asked for, empty or null where there is none.
    private static async ValueTask<HashSet<string>> KnownAsync(Task<RespValue?> commands)
    {
        var told = await commands.ConfigureAwait(false);
        return [.. (told?.Items ?? []).Where(c => c.Items.Count > 0).Select(c => c.Items[0].Text?.ToUpperInvariant() ?? "")];
    }

    private static async Task<RespValue?> TryAsync(NodeDispatcher node, string name, params RespArgument[] arguments)
    {
        try
        {
            return await node.SendAsync(name, arguments).ConfigureAwait(false);
        }
        catch (RespServerException)
        {
            return null;
        }
    }
}
