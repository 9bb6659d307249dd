namespace Millpond.Feeds;

/// <summary>A place in a feed's stream. Only the feed knows what the numbers mean; a later place compares as greater.</summary>
/// <param name="Major">What is compared first.</param>
/// <param name="Minor">What is compared where <paramref name="Major"/> is the same.</param>
public readonly record struct FeedPosition(ulong Major, ulong Minor = 0)
{
    /// <summary>Below zero if this place is earlier than another, above if it is later.</summary>
    /// <param name="other">The other place.</param>
    public int CompareTo(FeedPosition other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    /// <inheritdoc/>
    public override string ToString() => Minor == 0 ? $"{Major}" : $"{Major}-{Minor}";
}

/// <summary>Where and when a transaction was committed.</summary>
public readonly record struct FeedCommit
{
    /// <summary>Its place; no earlier than that of the transaction before.</summary>
    public required FeedPosition Position { get; init; }

    /// <summary>When the source committed it, by the source's clock; for metrics alone. Null if the source does not tell.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>
    /// Whether a read that begins now is certain to show it. If not, it is applied at once and again when <see cref="IFeedSink.Visible"/> says so: a load that began in between
    /// may have read the row from before (A67).
    /// </summary>
    public required bool IsVisible { get; init; }
}

/// <summary>A table that a feed follows.</summary>
/// <param name="Name">Its name as the rules give it, with its schema: <c>public.products</c>.</param>
/// <param name="Columns">The columns that rules read, each once. Empty if it matters only that there was a change.</param>
public sealed record FeedTable(string Name, IReadOnlyList<string> Columns);

/// <summary>Something that a feed does not know, so that what it concerns may be stale.</summary>
/// <param name="Table">Which table's rows; null for all that the feed follows.</param>
/// <param name="Reason">Why.</param>
/// <param name="Detail">For people: what happened, and what to do.</param>
/// <param name="Failure">The cause, if there is one.</param>
public sealed record FeedDoubt(string? Table, FeedDoubtReason Reason, string Detail, Exception? Failure = null);

/// <summary>Why a feed does not know something.</summary>
public enum FeedDoubtReason
{
    /// <summary>A message could not be decoded (A20).</summary>
    Undecodable,

    /// <summary>A rule could not be applied to a row (A20).</summary>
    Mapping,

    /// <summary>The source no longer has what came after the last confirmed position, or does not say whether there was one (A21).</summary>
    Gap,

    /// <summary>The feed follows this source for the first time, so nothing is known of what was before. No alarm.</summary>
    Beginning,

    /// <summary>The source was restored, or another one has taken its place (A50, A51).</summary>
    OtherHistory,

    /// <summary>The shared tier began another life, which may lack changes that the one before had acknowledged (A23, A27).</summary>
    OtherIncarnation,
}
