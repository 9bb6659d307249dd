namespace Millpond;

/// <summary>What the auditor has found of one keyspace, in this process, since the cache was built.</summary>
public sealed record AuditStatistics
{
    /// <summary>The keyspace's name.</summary>
    public required string Keyspace { get; init; }

    /// <summary>Keys of which a tier would have served a value as fresh, and which were compared with the source.</summary>
    public required long Checks { get; init; }

    /// <summary>
    /// The share of the checks, from 0 to 1, in which every tier agreed with the source at once (<see cref="TimeSpan.Zero"/>), within 1 second, 10 seconds, 1 minute and 5 minutes of the first look; of those whose
    /// answer is known. 1 where none is.
    /// </summary>
    public required IReadOnlyDictionary<TimeSpan, double> ConsistentWithin { get; init; }

    /// <summary>Keys that differed and are followed now.</summary>
    public required int Suspects { get; init; }

    /// <summary>Keys that still differed after five minutes.</summary>
    public required long Inconsistent { get; init; }

    /// <summary>Keys that differed and were not followed, because <see cref="AuditOptions.SuspectsMax"/> were.</summary>
    public required long NotFollowed { get; init; }

    /// <summary>Keys that could not be compared: the source refused or failed, or values of this type cannot be compared.</summary>
    public required long Unknown { get; init; }

    /// <summary>The newest keys that differed for ten seconds or more, with what was seen of each; at most 16.</summary>
    public required IReadOnlyList<AuditFinding> Findings { get; init; }
}

/// <summary>A key of which a tier would have served as fresh what the source does not say.</summary>
public sealed record AuditFinding
{
    /// <summary>The key's text; with the tenant, where the keyspace has tenants.</summary>
    public required string Key { get; init; }

    /// <summary>For how long it differed when it was looked at last.</summary>
    public required TimeSpan For { get; init; }

    /// <summary>Whether it still differed then.</summary>
    public required bool IsInconsistent { get; init; }

    /// <summary>What was seen at each look: when, which tier differed, and where the key stood.</summary>
    public required IReadOnlyList<string> Trail { get; init; }
}
