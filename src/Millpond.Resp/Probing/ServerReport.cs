using System.Globalization;

namespace Millpond.Resp.Probing;

/// <summary>Reads what servers answer to HELLO and INFO. Each may be missing; then that much is unknown.</summary>
internal static class ServerReport
{
    public static RespServer Read(string node, RespValue? hello, string? serverSection, string? replicationSection)
    {
        var server = Fields(serverSection);
        var replication = Fields(replicationSection);
        var product = ProductOf(hello, server);
        var runId = server.GetValueOrDefault("run_id");
        var replicationId = replication.GetValueOrDefault("master_replid");
        return new RespServer
        {
            Node = node,
            Product = product,
            Version = VersionOf(product, hello, server),
            Protocol = (int)(hello?.Find("proto")?.Integer ?? 2),
            Role = RoleOf(hello?.Find("role")?.Text ?? replication.GetValueOrDefault("role"), hello?.Find("mode")?.Text ?? server.GetValueOrDefault("redis_mode")),
            IsCluster = (hello?.Find("mode")?.Text ?? server.GetValueOrDefault("redis_mode")) == "cluster",
            RunId = string.IsNullOrEmpty(runId) ? null : runId,
            ReplicationId = string.IsNullOrEmpty(replicationId) ? null : replicationId,
            ReplicationOffset = long.TryParse(replication.GetValueOrDefault("master_repl_offset"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var offset) ? offset : -1,
        };
    }

    /// <summary>The lines "name:value" of an INFO section.</summary>
    public static Dictionary<string, string> Fields(string? section)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in (section ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line[0] != '#')
            {
                fields[line[..colon]] = line[(colon + 1)..];
            }
        }

        return fields;
    }

    // Valkey and Garnet call themselves Redis for the sake of old clients, and add their own name elsewhere.
    private static RespProduct ProductOf(RespValue? hello, Dictionary<string, string> server) =>
        server.ContainsKey("garnet_version") || hello?.Find("garnet_version") is not null ? RespProduct.Garnet
        : server.GetValueOrDefault("server_name") == "valkey" || server.ContainsKey("valkey_version") ? RespProduct.Valkey
        : (hello?.Find("server")?.Text ?? "") switch
        {
            "valkey" => RespProduct.Valkey,
            "garnet" => RespProduct.Garnet,
            "redis" => RespProduct.Redis,
            _ => server.ContainsKey("redis_version") ? RespProduct.Redis : RespProduct.Unknown,
        };

    private static Version VersionOf(RespProduct product, RespValue? hello, Dictionary<string, string> server)
    {
        var text = product switch
        {
            RespProduct.Garnet => server.GetValueOrDefault("garnet_version") ?? hello?.Find("garnet_version")?.Text,
            RespProduct.Valkey => server.GetValueOrDefault("valkey_version"),
            _ => server.GetValueOrDefault("redis_version"),
        } ?? hello?.Find("version")?.Text ?? "";

        // "8.1.0-rc1", "v2.2.5".
        var digits = new string([.. text.TrimStart('v').TakeWhile(c => char.IsAsciiDigit(c) || c == '.')]).Trim('.');
        return Version.TryParse(digits, out var version) ? version : new Version(0, 0);
    }

    private static RespRole RoleOf(string? role, string? mode) => mode == "sentinel" ? RespRole.Sentinel : role switch
    {
        "master" or "primary" => RespRole.Primary,
        "slave" or "replica" => RespRole.Replica,
        "sentinel" => RespRole.Sentinel,
        _ => RespRole.Unknown,
    };
}
