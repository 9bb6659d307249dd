namespace Millpond.Resp.Configuration;

/// <summary>Judges options, all at once.</summary>
internal static class OptionFaults
{
    public static void ThrowIfAny(IReadOnlyCollection<string> faults)
    {
        if (faults.Count > 0)
        {
            throw new RespException(
                RespErrorCode.InvalidConfiguration,
                $"the client's configuration has {faults.Count} fault{(faults.Count == 1 ? "" : "s")}: {string.Join(" ", faults.Select((f, i) => $"({i + 1}) {f}"))}");
        }
    }

    public static IEnumerable<string> Of(RespOptions o)
    {
        foreach (var (wrong, fault) in Judge(o))
        {
            if (wrong)
            {
                yield return fault;
            }
        }
    }

    private static IEnumerable<(bool Wrong, string Fault)> Judge(RespOptions o)
    {
        var isSentinel = o.ServiceName is not null || o.Mode == RespMode.Sentinel;
        yield return (o.Endpoints.Count == 0, "Endpoints is empty: name at least one host.");
        yield return (o.Mode == RespMode.Sentinel && o.ServiceName is null, "Mode is Sentinel but there is no ServiceName: say which primary the sentinels are to be asked for.");
        yield return (o.ServiceName is not null && (o.Mode is RespMode.Cluster or RespMode.Single), $"ServiceName is for sentinels, but Mode is {o.Mode}: leave one of them out.");
        yield return (o.SentinelCredentials is not null && !isSentinel, "SentinelCredentials are given but no sentinels: add ServiceName or leave them out.");
        yield return (o.Mode == RespMode.Cluster && o.Database != 0, $"Database is {o.Database}, but a cluster has only 0.");
        yield return (o.Mode == RespMode.Cluster && o.Endpoints.Any(e => e.IsUnix), "A cluster's nodes name one another by host and port: an endpoint that is a unix socket cannot be one of them.");
        yield return (o.Endpoints.Any(e => !e.IsUnix && e.Port is < 1 or > 65_535), "An endpoint's port is out of 1 to 65,535.");
        yield return (o.Tls is not null && o.Endpoints.Any(e => e.IsUnix), "TLS over a unix socket is not spoken by any server: leave one of them out.");
        yield return (o.Database < 0, $"Database is {o.Database}; it is 0 or more.");
        yield return (o.Protocol is not (2 or 3), $"Protocol is {o.Protocol}; it is 2 or 3.");
        yield return (o.Connections is < 1 or > 64, $"Connections is {o.Connections}; it is 1 to 64.");
        yield return (o.ClientName.Length == 0 || o.ClientName.Any(c => c is <= ' ' or > '~'), "ClientName is empty or holds a space or a character that servers refuse.");
        yield return (Bad(o.CommandTimeout), $"CommandTimeout is {o.CommandTimeout}; {Range}");
        yield return (Bad(o.ConnectTimeout), $"ConnectTimeout is {o.ConnectTimeout}; {Range}");
        yield return (Bad(o.KeepAlive), $"KeepAlive is {o.KeepAlive}; {Range}");
        yield return (o.Queues.InFlightMax is < 1 or > 1 << 20, $"InFlightMax is {o.Queues.InFlightMax}; it is 1 to 1,048,576.");
        yield return (o.Queues.WaitingMax is < 0 or > 1 << 24, $"WaitingMax is {o.Queues.WaitingMax}; it is 0 to 16,777,216.");
        yield return (o.Queues.GatheredBytesMax is < 4096 or > 1 << 30, $"GatheredBytesMax is {o.Queues.GatheredBytesMax}; it is 4 KiB to 1 GiB.");
        yield return (o.Queues.LargeBytes < 1024, $"LargeBytes is {o.Queues.LargeBytes}; it is at least 1,024.");
        yield return (o.Frames.DepthMax is < 1 or > RespLimits.DepthEnd, $"DepthMax is {o.Frames.DepthMax}; it is 1 to {RespLimits.DepthEnd}.");
        yield return (o.Frames.LineBytesMax is < 64 or > 1 << 24, $"LineBytesMax is {o.Frames.LineBytesMax}; it is 64 to 16,777,216.");
        yield return (o.Frames.FrameBytesMax is < 64 or > 1 << 30, $"FrameBytesMax is {o.Frames.FrameBytesMax}; it is 64 B to 1 GiB.");
        yield return (o.Frames.ElementsMax < 16, $"ElementsMax is {o.Frames.ElementsMax}; it is at least 16.");
    }

    private const string Range = "it is 1 ms to 1 hour.";

    private static bool Bad(TimeSpan time) => time < TimeSpan.FromMilliseconds(1) || time > TimeSpan.FromHours(1);
}
