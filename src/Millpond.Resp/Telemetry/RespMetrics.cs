using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Millpond.Resp.Telemetry;

/// <summary>
/// The client's meter, <c>Millpond.Resp</c>, by OpenTelemetry's conventions for clients of databases. Nothing is measured while nobody listens. Names of commands and nodes become tags, keys and values never do.
/// </summary>
internal static class RespMetrics
{
    public const string Name = "Millpond.Resp";
    public const string DatabaseName = "redis";

    private static readonly Meter Meter = new(Name, typeof(RespMetrics).Assembly.GetName().Version?.ToString(3));

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "db.client.operation.duration", "s", "Time from a call to its outcome.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] });

    private static readonly Counter<long> Connects = Meter.CreateCounter<long>("millpond.resp.connects", "{connection}", "Connections made.");
    private static readonly Counter<long> Losses = Meter.CreateCounter<long>("millpond.resp.losses", "{connection}", "Connections lost, and attempts that failed.");

    // A node's name is split once.
    private static readonly ConcurrentDictionary<string, (string Host, object? Port)> Nodes = new();

    public static bool IsTimed => Duration.Enabled;

    /// <summary>An outcome; <paramref name="error"/> is null for a result. <paramref name="node"/> is null where none was reached.</summary>
    public static void Ended(string command, string? node, long ticks, Exception? error, int batchSize = 1)
    {
        var tags = new TagList { { "db.system.name", DatabaseName }, { "db.operation.name", batchSize > 1 ? "PIPELINE " + command : command } };
        if (batchSize > 1)
        {
            tags.Add("db.operation.batch.size", batchSize);
        }

        AddNode(ref tags, node);
        if (error is not null)
        {
            tags.Add("error.type", ErrorTypeOf(error));
            if (error is RespServerException server)
            {
                tags.Add("db.response.status_code", server.Kind);
            }
        }

        Duration.Record(TimeSpan.FromTicks(ticks).TotalSeconds, tags);
    }

    public static void Connected(string node) => Count(Connects, node, null);

    public static void Lost(string node, RespException cause) => Count(Losses, node, cause);

    public static string ErrorTypeOf(Exception error) => error switch
    {
        RespServerException server => server.Kind,
        RespException client => client.Code.ToString(),
        _ => error.GetType().FullName!,
    };

    public static void AddNode(ref TagList tags, string? node)
    {
        if (node is null)
        {
            return;
        }

        var (host, port) = Nodes.GetOrAdd(node, static n => RespEndpoint.TryParse(n, RespEndpoint.DefaultPort, out var e) && !e.IsUnix ? (e.Host, (object)e.Port) : (n, null));
        tags.Add("server.address", host);
        if (port is not null)
        {
            tags.Add("server.port", port);
        }
    }

    private static void Count(Counter<long> counter, string node, RespException? cause)
    {
        if (counter.Enabled)
        {
            var tags = new TagList { { "db.system.name", DatabaseName } };
            AddNode(ref tags, node);
            if (cause is not null)
            {
                tags.Add("error.type", ErrorTypeOf(cause));
            }

            counter.Add(1, tags);
        }
    }
}
