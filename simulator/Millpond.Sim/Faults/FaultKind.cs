namespace Millpond.Sim.Faults;

/// <summary>What can go wrong; a run is given a set of these.</summary>
[Flags]
internal enum FaultKind
{
    None = 0,

    /// <summary>A request never arrives, or its reply does not: the caller sees a time-out and cannot know which.</summary>
    Lost = 1,

    /// <summary>Some messages take a hundred times as long, and so overtake each other.</summary>
    Delay = 2,

    /// <summary>Pushes are lost, repeated, late and out of order.</summary>
    Push = 4,

    /// <summary>A push channel breaks and says so, or falls silent and does not.</summary>
    Channel = 8,

    /// <summary>One process is cut off from the shared tier for a while.</summary>
    Partition = 16,

    /// <summary>One process stops for a while and then wakes with its backlog.</summary>
    Freeze = 32,

    /// <summary>The engine stops and comes back empty.</summary>
    Crash = 64,

    /// <summary>The engine stops and comes back with what it had some time ago.</summary>
    Rollback = 128,

    /// <summary>Records are evicted at random.</summary>
    Evict = 256,

    /// <summary>The engine answers a hundred times slower for a while.</summary>
    Slow = 512,

    /// <summary>Loads fail, hang, or take longer than their time.</summary>
    Source = 1024,

    /// <summary>Writers die between their commit and their invalidation.</summary>
    Writer = 2048,

    /// <summary>The source takes ten times as long for a while.</summary>
    Sluggish = 4096,

    /// <summary>The source fails every load for a while, or answers none.</summary>
    Outage = 8192,

    /// <summary>With write-behind: processes are killed, also between two steps of theirs, and started again; some are stopped in an orderly way.</summary>
    Kill = 16384,

    /// <summary>With write-behind: journals are away, slow, restarted; those that declare no more come back as an older copy, or empty.</summary>
    Journal = 32768,

    /// <summary>With write-behind: the database is away or slow, ends transactions, loses answers, and gets what was sent long ago.</summary>
    Database = 65536,

    /// <summary>With write-behind: for a while the database will not take some rows.</summary>
    Poison = 131072,

    All = 262143,
}
