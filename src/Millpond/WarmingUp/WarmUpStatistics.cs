namespace Millpond;

/// <summary>How a warm-up stands.</summary>
public enum WarmUpState
{
    /// <summary>It has not begun: the cache's host has not started.</summary>
    Waiting,

    /// <summary>It is under way.</summary>
    Running,

    /// <summary>Every key that its sources named, up to its limit, has been read.</summary>
    Complete,

    /// <summary>Its time was over first.</summary>
    OutOfTime,

    /// <summary>The local tier was full first.</summary>
    NoRoom,

    /// <summary>The program ended first.</summary>
    Stopped,
}

/// <summary>What a keyspace's warm-up has done, and how it stands.</summary>
public sealed record WarmUpStatistics
{
    /// <summary>How it stands.</summary>
    public required WarmUpState State { get; init; }

    /// <summary>How many different keys its sources have named so far. Each is asked when the one before is done with, so this grows.</summary>
    public int Keys { get; init; }

    /// <summary>Those that have been read: all the following together.</summary>
    public int Done => Held + FromShared + Loaded + Missing + Failed;

    /// <summary>Those that were here already.</summary>
    public int Held { get; init; }

    /// <summary>Those that the shared tier had.</summary>
    public int FromShared { get; init; }

    /// <summary>Those that were loaded from the source.</summary>
    public int Loaded { get; init; }

    /// <summary>Those that the source does not have.</summary>
    public int Missing { get; init; }

    /// <summary>Those that could not be read. They are read when somebody wants them.</summary>
    public int Failed { get; init; }

    /// <summary>How many of the warm-up's sources of keys could not say theirs.</summary>
    public int SourcesFailed { get; init; }

    /// <summary>How long it has taken, so far or in all.</summary>
    public TimeSpan Time { get; init; }
}
