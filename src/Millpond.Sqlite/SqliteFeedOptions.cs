namespace Millpond.Sqlite;

/// <summary>How a change feed follows a SQLite database.</summary>
public sealed record SqliteFeedOptions
{
    /// <summary>The database's file. It must be there; the process must be able to write to it and beside it. Required.</summary>
    public string Path { get; init; } = "";

    /// <summary>How often the database is asked whether anybody has committed since, which takes some microseconds. Default 5 milliseconds; from 1 millisecond to 1 second.</summary>
    public TimeSpan PollPeriod { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How many changes the log keeps while nobody follows; past it the oldest go, and whoever follows next finds a gap. Default 1,000,000; at least 1,000.</summary>
    public long ChangesKeptMax { get; init; } = 1_000_000;

    internal void Check(string feed, ICollection<string> faults)
    {
        var place = $"change feed '{feed}'";
        if (string.IsNullOrWhiteSpace(Path))
        {
            faults.Add($"{place} has no path. Give that of the database's file.");
        }

        if (PollPeriod < TimeSpan.FromMilliseconds(1) || PollPeriod > TimeSpan.FromSeconds(1))
        {
            faults.Add($"{place} has PollPeriod {PollPeriod}; give 1 millisecond to 1 second.");
        }

        if (ChangesKeptMax < 1_000)
        {
            faults.Add($"{place} has ChangesKeptMax {ChangesKeptMax}; give at least 1,000, because whoever follows next starts all over past it.");
        }
    }
}
