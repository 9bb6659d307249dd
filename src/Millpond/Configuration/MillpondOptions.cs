namespace Millpond;

/// <summary>
/// What concerns a cache as a whole. Set in code with <see cref="MillpondBuilder.Configure"/>, overridden by the configuration section <c>Millpond</c>
/// (<c>Millpond:{name}</c> for a named cache), re-read while running except where said.
/// </summary>
public sealed record MillpondOptions
{
    /// <summary>In front of every name in the shared tier, so that environments that share an engine do not meet. Default <c>millpond</c>; lower-case letters,
    /// digits, dash, dot and underscore. Read once.</summary>
    public string Prefix { get; set; } = "millpond";

    /// <summary>What all keyspaces together may take of this process's memory, in bytes; less while memory is short. Default 64 MiB; at least 64 KiB.</summary>
    public long LocalBytesMax { get; set; } = 64L << 20;

    /// <summary>When a key counts as hot, and what is done about it.</summary>
    public HotKeyOptions HotKeys { get; init; } = new();

    /// <summary>The auditor, which compares what is held with the source.</summary>
    public AuditOptions Audit { get; init; } = new();

    /// <summary>How long a reader waits for the shared tier at least, before it goes on to the source. In between lies four times what the slowest hundredth of answers takes. Default
    /// 100 milliseconds, for which a container's quota of processor time can stop a process; at least 1 millisecond.</summary>
    public TimeSpan SharedTierTimeoutMin { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long it waits at most: what a slow shared tier can cost a read, until it is left alone. Default 250 milliseconds; at most 1 minute.</summary>
    public TimeSpan SharedTierTimeoutMax { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Where keyspaces whose warm-up wants the keys of the last run leave theirs when the program ends: a folder that this program alone writes to, made when it is needed. Default none. Read once.</summary>
    public string? SnapshotFolder { get; set; }

    /// <summary>How long after a change (of a key, a tag or a keyspace) nothing that it concerns is copied from a warm side (<see cref="MillpondBuilder.FillFrom"/>): longer than a change takes to come there from here. Default
    /// 10 seconds; from 1 second to 1 hour.</summary>
    public TimeSpan WarmSideHoldOff { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The limits of sources by name; keyspaces that name none use <c>default</c>.</summary>
    public IDictionary<string, SourceLimits> Sources { get; } = new Dictionary<string, SourceLimits>(StringComparer.Ordinal) { ["default"] = new() };
}
