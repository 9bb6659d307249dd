namespace Millpond.Resp;

/// <summary>What a client connects to, and how. Everything has a default but the endpoints.</summary>
/// <remarks>See <see cref="Parse"/> for the text form. Faults are found when a client is created, all at once.</remarks>
public sealed record RespOptions
{
    /// <summary>Where to begin: the node, the sentinels, or some nodes of the cluster.</summary>
    public IReadOnlyList<RespEndpoint> Endpoints { get; init; } = [];

    /// <summary>What the endpoints are; by default found out by asking.</summary>
    public RespMode Mode { get; init; } = RespMode.Auto;

    /// <summary>The name of the primary that sentinels watch; with it the endpoints are sentinels.</summary>
    public string? ServiceName { get; init; }

    /// <summary>Asked for each connection, and again when what it answered is due for renewal; null: no authentication.</summary>
    public Func<CancellationToken, ValueTask<RespCredentials>>? Credentials { get; init; }

    /// <summary>The same for the sentinels; null: no authentication there.</summary>
    public Func<CancellationToken, ValueTask<RespCredentials>>? SentinelCredentials { get; init; }

    /// <summary>TLS; null: none.</summary>
    public RespTlsOptions? Tls { get; init; }

    /// <summary>The numbered database, 0 by default; a cluster has no other.</summary>
    public int Database { get; init; }

    /// <summary>What the connections are called in the server's <c>CLIENT LIST</c>; <c>millpond</c> by default.</summary>
    public string ClientName { get; init; } = "millpond";

    /// <summary>The newest protocol to speak: 3 by default, with 2 as the fallback for servers that do not know it; or 2.</summary>
    public int Protocol { get; init; } = 3;

    /// <summary>Connections for each node, beside one for large values and one for pushes, which are made when needed; 1 by default.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>Within which time a call is answered, or fails; 2 s by default. A caller's token may end it earlier.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Within which time a connection is made, its handshake included; 3 s by default.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>When a silent connection is asked for a sign of life, and how long its answer may take before the connection counts as dead; 5 s by default. So a half-open connection is found
    /// within twice this time.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The bounds of each connection's queues.</summary>
    public RespQueueLimits Queues { get; init; } = new();

    /// <summary>The bounds of what a server may send.</summary>
    public RespLimits Frames { get; init; } = new();

    /// <summary>
    /// Reads a configuration text: <c>host:port,host:port,ssl=true,user=...,password=...</c> as users of StackExchange.Redis know it, or a URL:
    /// <c>redis://user:password@host:port/database</c>, <c>rediss://</c> with TLS, <c>unix:///path</c>. docs/resp.md lists the names.
    /// </summary>
    /// <param name="configuration">The text.</param>
    /// <returns>The options.</returns>
    /// <exception cref="RespException">Something in it is unknown, wrong, or contradicts something else: <see cref="RespErrorCode.InvalidConfiguration"/>, all faults at once.</exception>
    public static RespOptions Parse(string configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return Configuration.ConfigurationText.Parse(configuration);
    }
}
