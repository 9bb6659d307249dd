namespace Millpond.Shared;

/// <summary>A wish to add to a counter.</summary>
/// <param name="Delta">What to add; may be negative, or 0 to look.</param>
/// <param name="TimeToLive">How long the counter lives if this begins it; null for ever. It does not begin anew with later additions.</param>
/// <param name="Max">If the sum would be above this, nothing is added.</param>
public readonly record struct CounterAsk(long Delta, TimeSpan? TimeToLive = null, long Max = long.MaxValue);

/// <summary>What a counter says.</summary>
public readonly record struct CounterReply
{
    /// <summary>Its value now, whether anything was added or not.</summary>
    public long Sum { get; init; }

    /// <summary>Whether it was added.</summary>
    public bool IsCounted { get; init; }

    /// <summary>How long the counter still lives; null for ever, and of one that there is not.</summary>
    public TimeSpan? TimeLeft { get; init; }
}
