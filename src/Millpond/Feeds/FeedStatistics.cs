using Millpond.Feeds;

namespace Millpond;

/// <summary>What a change feed has done in this process, and how it stands.</summary>
public sealed record FeedStatistics
{
    /// <summary>The feed's name.</summary>
    public required string Name { get; init; }

    /// <summary>How it stands. Of several instances one follows, and the others stand by.</summary>
    public required FeedState State { get; init; }

    /// <summary>The same for people, with the reason where it fails.</summary>
    public required string Detail { get; init; }

    /// <summary>Transactions applied; one that is told again counts again.</summary>
    public required long Transactions { get; init; }

    /// <summary>Rows in them, as far as rules follow their tables.</summary>
    public required long Rows { get; init; }

    /// <summary>Keys, tags and keyspaces that they changed, after what came together was brought together.</summary>
    public required long Changes { get; init; }

    /// <summary>How often something was not known, so that what it concerned became soft-stale. Each of these is an alarm.</summary>
    public required long Doubts { get; init; }

    /// <summary>The last of them; null if there was none.</summary>
    public required string? LastDoubt { get; init; }

    /// <summary>Up to where the feed has been confirmed, as the feed writes it; null if nothing has been yet.</summary>
    public required string? Confirmed { get; init; }

    /// <summary>How long ago everything had been applied that was committed by then; null before the first sign of life.</summary>
    public required TimeSpan? Lag { get; init; }
}
