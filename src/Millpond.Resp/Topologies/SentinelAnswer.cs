using System.Globalization;

namespace Millpond.Resp.Topologies;

/// <summary>What one sentinel says about the primary, and under which election.</summary>
internal sealed record SentinelAnswer(RespEndpoint Primary, long Epoch, IReadOnlyList<RespEndpoint> OtherSentinels)
{
    /// <summary>Reads the answers to SENTINEL MASTER and SENTINEL SENTINELS; null if the first names no primary.</summary>
    public static SentinelAnswer? Read(RespValue master, RespValue? sentinels)
    {
        if (EndpointOf(master) is not { } primary)
        {
            return null;
        }

        var epoch = long.TryParse(master.Find("config-epoch")?.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? said : 0;
        return new SentinelAnswer(primary, epoch, [.. (sentinels?.Items ?? []).Select(EndpointOf).OfType<RespEndpoint>()]);
    }

    private static RespEndpoint? EndpointOf(RespValue fields) =>
        fields.Find("ip")?.Text is { Length: > 0 } host && int.TryParse(fields.Find("port")?.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65_535
            ? new RespEndpoint(host, port)
            : null;
}
