namespace Millpond.Auditing;

/// <summary>What came of comparing a key's tiers with the source.</summary>
internal enum AuditOutcome
{
    /// <summary>No tier would have served anything as fresh, so there was nothing to compare.</summary>
    Nothing,

    /// <summary>Whatever would have been served is what the source says.</summary>
    Same,

    /// <summary>A tier would have served something else.</summary>
    Differs,

    /// <summary>The source did not say, or the values cannot be compared.</summary>
    Unknown,
}

/// <summary>One comparison.</summary>
/// <param name="Outcome">What came of it.</param>
/// <param name="Tiers">Which tiers differed, in words; empty if none did.</param>
internal readonly record struct AuditLook(AuditOutcome Outcome, string Tiers = "");

/// <summary>One key under audit.</summary>
internal interface IAuditedKey
{
    string Text { get; }

    ValueTask<AuditLook> CompareAsync(CancellationToken cancellationToken);

    ValueTask<Explanation> ExplainAsync(CancellationToken cancellationToken);
}

/// <summary>One keyspace under audit, without its types.</summary>
internal interface IAuditedKeyspace
{
    AuditTally Tally { get; }

    /// <summary>A key that has just changed, if there was one since the last draw; else one that is held, at random; null if nothing is.</summary>
    IAuditedKey? Draw();
}
