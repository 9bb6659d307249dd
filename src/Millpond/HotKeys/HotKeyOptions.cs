namespace Millpond;

/// <summary>
/// When a key counts as hot, and what is done about it. Of all keyspaces of a cache, each judged by its own reads. A key that is hot is held in this process whatever else has to go, and the
/// shared tier is asked for it only so often.
/// </summary>
public sealed record HotKeyOptions
{
    /// <summary>How many of the most asked for keys of each keyspace are followed. Default 128; 0 turns hot keys off and costs nothing; else from 16 to 4,096. Read once.</summary>
    public int TrackedKeysMax { get; set; } = 128;

    /// <summary>A key is hot if this share of its keyspace's reads is for it. Default 0.05; from 0.02, as a hundred keys at once cannot all be hot, to 1.</summary>
    public double ShareMin { get; set; } = 0.05;

    /// <summary>And if this process reads it this often a second. Default 100; above 0.</summary>
    public double ReadsPerSecondMin { get; set; } = 100;

    /// <summary>For how long a key is treated as hot after it was found so for the last time. Default 10 seconds; from 1 second to 1 hour.</summary>
    public TimeSpan HoldTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a process tells the others what it reads most, so that a key is found that only all of them together read much. Default 1 second; zero: never; else from 500 milliseconds to 1
    /// minute. It takes three commands to the shared tier, for each keyspace that is read at least 10 times a second.</summary>
    public TimeSpan FleetPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a second this process asks the shared tier for one hot key; who comes in between waits for the next time, and all share what it brings. Default 1,000, so that nobody waits
    /// longer than a millisecond or two for it; from 1 to 1,000,000. It is felt where a hot key may not be held here, and while changes of it follow each other.</summary>
    public double AsksPerSecondMax { get; set; } = 1_000;
}
