namespace Millpond.Journals;

/// <summary>What a journal's acknowledgement survives. A journal names all that it does; whoever declares a keyspace chooses by it.</summary>
[Flags]
public enum JournalSurvival
{
    /// <summary>Nothing: what is not flushed goes with the process.</summary>
    None = 0,

    /// <summary>The death of the process that wrote it, by whatever end.</summary>
    ProcessDeath = 1,

    /// <summary>The machine that wrote it losing its power: the bytes were on its disk, or on another machine, before they were acknowledged.</summary>
    PowerLoss = 2,

    /// <summary>The loss of the machine, or of its disk: another one had the bytes before they were acknowledged.</summary>
    MachineLoss = 4,
}

/// <summary>Who sees what a journal holds.</summary>
public enum JournalReach
{
    /// <summary>The process that opened it. Others read the source, and see a write when it was flushed.</summary>
    Process,

    /// <summary>All processes that open it, as soon as a write is acknowledged.</summary>
    Fleet,
}

/// <summary>What a journal is and promises; the same for as long as it is open.</summary>
public sealed record JournalCapabilities
{
    /// <summary>What it is, for logs and pages: <c>file</c>, <c>redis-stream</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What an acknowledgement survives.</summary>
    public required JournalSurvival Survives { get; init; }

    /// <summary>Who sees what is pending.</summary>
    public required JournalReach Reach { get; init; }
}

/// <summary>How much a journal holds that is not in the source yet. For journals on other machines: as last heard.</summary>
public readonly record struct JournalDepth
{
    /// <summary>Records that are neither acknowledged nor dead.</summary>
    public required long Records { get; init; }

    /// <summary>Bytes of keys and values of all that it holds for the source, dead letters included.</summary>
    public required long Bytes { get; init; }

    /// <summary>When the oldest of <see cref="Records"/> was written, by the clock of who wrote it; null if there is none.</summary>
    public required DateTimeOffset? OldestAt { get; init; }

    /// <summary>Records that the sink refused, and those parked behind them.</summary>
    public required long DeadLetters { get; init; }
}
