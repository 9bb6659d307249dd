namespace Millpond;

/// <summary>
/// The auditor, which samples what is held and what has just changed, asks the source for the same keys, and compares. Off unless set, because it asks the source for what nobody asked it for.
/// </summary>
public sealed record AuditOptions
{
    /// <summary>How many keys a second this process compares, of all its keyspaces together. Default 0: none; up to 1,000. Each takes one load at the lowest priority under the source's guard, and one read of the
    /// shared tier.</summary>
    public double ChecksPerSecond { get; set; }

    /// <summary>How many keys that differed are followed at once until they agree, or for five minutes; those beyond are counted, not followed. Default 256; from 1 to 10,000.</summary>
    public int SuspectsMax { get; set; } = 256;
}
