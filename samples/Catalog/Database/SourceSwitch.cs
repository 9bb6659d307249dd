namespace Catalog.Database;

/// <summary>What the drills can do to the database: make every query slow, or let it answer nobody. Counts what reaches it.</summary>
internal sealed class SourceSwitch(TimeProvider time)
{
    /// <summary>What a slow query takes longer: enough to see in every latency, little enough to wait for.</summary>
    public static readonly TimeSpan Slowness = TimeSpan.FromMilliseconds(300);

    public TimedSwitch Slow { get; } = new(time);

    public TimedSwitch Stopped { get; } = new(time);

    /// <summary>Every query that was sent, those that failed included.</summary>
    public QueryCounts Sent { get; } = new();

    /// <summary>Called once for each query, while its connection is held, as in a database that is slow itself.</summary>
    /// <exception cref="DatabaseUnavailableException">The database is stopped.</exception>
    public async ValueTask EnterAsync(QueryKind kind, CancellationToken cancellation)
    {
        Sent.Count(kind);
        if (Stopped.IsOn)
        {
            throw new DatabaseUnavailableException("The database is stopped (a drill).");
        }

        if (Slow.IsOn)
        {
            await Task.Delay(Slowness, time, cancellation);
        }
    }
}
