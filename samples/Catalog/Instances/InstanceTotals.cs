namespace Catalog.Instances;

/// <summary>What one instance has counted since it started, and how it stands with the shared tier.</summary>
internal sealed record InstanceTotals
{
    /// <summary>Seconds since the instance started, by its own clock.</summary>
    public required double At { get; init; }

    public required long Requests { get; init; }

    /// <summary>Requests that got no answer because the database gave none.</summary>
    public required long Failures { get; init; }

    /// <summary>Requests of the built-in load that got no HTTP answer at all.</summary>
    public required long Broken { get; init; }

    /// <summary>Reads served from the instance's own memory.</summary>
    public required double Local { get; init; }

    /// <summary>Reads that the shared tier answered.</summary>
    public required double Shared { get; init; }

    /// <summary>Reads that neither answered.</summary>
    public required double Misses { get; init; }

    public required double Loads { get; init; }

    public required double Coalesced { get; init; }

    /// <summary>Reads that reached the database.</summary>
    public required long Reads { get; init; }

    public required long ReadsWithoutCache { get; init; }

    /// <summary>The product and version that the shared tier runs on.</summary>
    public required string Tier { get; init; }

    /// <summary>Whether the shared tier is heard: if not, nothing held counts as fresh.</summary>
    public required bool Heard { get; init; }

    /// <summary>The figures of several added up, over the longest time that any of them ran.</summary>
    public InstanceTotals Plus(InstanceTotals other) => this with
    {
        At = Math.Max(At, other.At),
        Requests = Requests + other.Requests,
        Failures = Failures + other.Failures,
        Broken = Broken + other.Broken,
        Local = Local + other.Local,
        Shared = Shared + other.Shared,
        Misses = Misses + other.Misses,
        Loads = Loads + other.Loads,
        Coalesced = Coalesced + other.Coalesced,
        Reads = Reads + other.Reads,
        ReadsWithoutCache = ReadsWithoutCache + other.ReadsWithoutCache,
        Heard = Heard && other.Heard,
    };
}
