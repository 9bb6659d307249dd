using Catalog.Instances;

namespace Catalog.Page;

/// <summary>One second, as the page gets it; counts are per second, durations in milliseconds.</summary>
internal sealed record LiveSample
{
    /// <summary>Seconds since the program started: the time axis.</summary>
    public required double At { get; init; }

    public required double Requests { get; init; }

    /// <summary>Requests that got no answer because the database gave none.</summary>
    public required double Failures { get; init; }

    /// <summary>From when a request was due to having its answer, as the built-in load saw it; null without load.</summary>
    public required Spread? Http { get; init; }

    /// <summary>What the load meant to send and did not, because everything was busy.</summary>
    public required double Shed { get; init; }

    public required CacheSample Cache { get; init; }

    /// <summary>Of all instances together.</summary>
    public required DatabaseSample Database { get; init; }

    /// <summary>Each instance, this one first; empty if it is the only one.</summary>
    public IReadOnlyList<InstanceSample> Instances { get; init; } = [];

    /// <summary>The share of what was served in each bucket of <see cref="AgeBuckets.UpperSeconds"/>.</summary>
    public required IReadOnlyList<double> Ages { get; init; }

    public required IReadOnlyList<TopProduct> Top { get; init; }

    /// <summary>Page views that are counted, by where they are.</summary>
    public ViewsSample Views { get; init; } = new(0, 0);

    /// <summary>Seconds left of each drill that is on.</summary>
    public required IReadOnlyDictionary<string, double> Drills { get; init; }
}

/// <summary>Queries of one second.</summary>
/// <param name="Reads">Reads that reached the database.</param>
/// <param name="WithoutCache">Reads that the same requests would have sent had there been no cache.</param>
/// <param name="Writes">Queries that changed something, or looked up what to change.</param>
internal sealed record DatabaseSample(double Reads, double WithoutCache, double Writes);

/// <summary>Page views.</summary>
/// <param name="InDatabase">Those of all instances that are in the database, ever.</param>
/// <param name="InJournal">Records of this instance that are on their way there.</param>
internal sealed record ViewsSample(long InDatabase, long InJournal);

/// <summary>A product that is asked for.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its title.</param>
/// <param name="Platform">What it runs on.</param>
/// <param name="PerSecond">Requests for it, over HTTP, by this instance.</param>
/// <param name="IsHot">Whether the cache treats it as hot.</param>
/// <param name="FleetPerSecond">Reads of it in all instances, as the cache knows them; 0 if it does not.</param>
internal sealed record TopProduct(int Id, string Name, string Platform, double PerSecond, bool IsHot, double FleetPerSecond);

/// <summary>What does not change while the program runs.</summary>
/// <param name="Products">Products in the database.</param>
/// <param name="Categories">Categories in the database.</param>
/// <param name="Load">Whether the built-in load runs.</param>
/// <param name="Rate">Requests per second that it aims at.</param>
/// <param name="Ages">The labels of the age buckets.</param>
internal sealed record About(int Products, int Categories, bool Load, int Rate, IReadOnlyList<string> Ages);
