using System.Buffers;

namespace Millpond.Postgres;

/// <summary>How a change feed follows a PostgreSQL database.</summary>
public sealed record PostgresFeedOptions
{
    private static readonly TimeSpan CutOffDefault = TimeSpan.FromSeconds(10);
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>The database, as Npgsql's connection string: on the primary, by a login that may replicate. Pooling is not used, whatever it says. Required.</summary>
    public string ConnectionString { get; init; } = "";

    /// <summary>The replication slot, made if it is not there: one for each feed and database. Lower-case letters, digits and underscores. Default: <c>millpond_</c> and the feed's name.</summary>
    public string? Slot { get; init; }

    /// <summary>The publication, made and extended if the login may. Default: the slot's name.</summary>
    public string? Publication { get; init; }

    /// <summary>How often a sign of life is written to the log, so that an idle database proves that nothing was missed, and does not keep its log for us. Default 500 milliseconds; from 100
    /// milliseconds to 10 seconds.</summary>
    public TimeSpan HeartbeatPeriod { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After how long without a word from this process the database gives the slot to another instance. Default 5 seconds; from 1 second to 1 minute.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The home database, as Npgsql's connection string, where the feed follows a replica that a subscription keeps; by a login that may write <c>public.millpond_beacons</c> there. Null, the default, where the database is written to itself. docs/guide/regions.md says
    /// what both must have.</summary>
    public string? Home { get; init; }

    /// <summary>When a replica that nothing has proven to be younger counts as cut off from home. Default 10 seconds; from 2 seconds to 10 minutes. Without <see cref="Home"/> nobody reads it.</summary>
    public TimeSpan CutOffAfter { get; init; } = CutOffDefault;

    /// <summary>The standbys that loads read from, as Npgsql's connection strings: a change counts as applied only when all of them have replayed it. None by default: loads read the database that is followed.</summary>
    public IReadOnlyList<string> Standbys { get; init; } = [];

    internal void Check(string feed, ICollection<string> faults)
    {
        var place = $"change feed '{feed}'";
        if (string.IsNullOrWhiteSpace(ConnectionString))
        {
            faults.Add($"{place} has no connection string. Give that of the database it follows.");
        }

        foreach (var (name, what) in new[] { (Slot, "slot"), (Publication, "publication") })
        {
            if (name is not null && (name.Length is 0 or > 63 || name.AsSpan().IndexOfAnyExcept(NameCharacters) >= 0))
            {
                faults.Add($"{place} names the {what} '{name}'. Use 1 to 63 lower-case letters, digits and underscores, as PostgreSQL wants it for slots.");
            }
        }

        if (Home is not null && Standbys.Count > 0)
        {
            faults.Add($"{place} has both Home and Standbys. Name the standbys where the home database is followed, or follow the replica that loads read.");
        }

        if (Standbys.Append(Home ?? "none").Any(string.IsNullOrWhiteSpace))
        {
            faults.Add($"{place} has an empty connection string among Home and Standbys. Give that of the database, or leave it out.");
        }

        if (Home is null && CutOffAfter != CutOffDefault)
        {
            faults.Add($"{place} has CutOffAfter and no Home, so nobody would read it. Name the home database, or leave it out.");
        }

        Within(CutOffAfter, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(10), nameof(CutOffAfter));
        Within(HeartbeatPeriod, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10), nameof(HeartbeatPeriod));
        Within(SilenceMax, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), nameof(SilenceMax));

        void Within(TimeSpan value, TimeSpan min, TimeSpan max, string name)
        {
            if (value < min || value > max)
            {
                faults.Add($"{place} has {name} {value}; give {min} to {max}.");
            }
        }
    }
}
