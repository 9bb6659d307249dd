namespace Millpond.Postgres;

/// <summary>How an outbox in a PostgreSQL database is drained.</summary>
public sealed record PostgresOutboxOptions
{
    /// <summary>The database, as Npgsql's connection string: on the primary, and not through a pool of transactions, since the session holds a lock and listens. Pooling is not used, whatever it says. Required.</summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>The table, as it was given to <see cref="PostgresOutbox"/>. Default: <c>millpond_</c> and the feed's name.</summary>
    public string? Table { get; init; }

    /// <summary>How often the table is looked at when no notice comes: for programs that write to it by themselves and send none. Default 200 milliseconds; from 5 milliseconds to 1 second.</summary>
    public TimeSpan PollPeriod { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>After how long without a word from this process the database lets another instance drain. Default 5 seconds; from 2 seconds to 1 minute.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(5);

    internal void Check(string feed, ICollection<string> faults)
    {
        var place = $"outbox '{feed}'";
        if (string.IsNullOrWhiteSpace(ConnectionString))
        {
            faults.Add($"{place} has no connection string. Give that of the database it is in.");
        }

        if (PollPeriod < TimeSpan.FromMilliseconds(5) || PollPeriod > TimeSpan.FromSeconds(1))
        {
            faults.Add($"{place} has {nameof(PollPeriod)} {PollPeriod}; give 5 milliseconds to 1 second.");
        }

        // More than two looks, so that one that is late does not end the session.
        if (SilenceMax < TimeSpan.FromSeconds(2) || SilenceMax > TimeSpan.FromMinutes(1))
        {
            faults.Add($"{place} has {nameof(SilenceMax)} {SilenceMax}; give 2 seconds to 1 minute.");
        }
    }
}
