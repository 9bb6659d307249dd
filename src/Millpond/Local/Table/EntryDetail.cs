namespace Millpond.Local;

/// <summary>What few entries have: scopes, a version of the source, a sliding time, times that fit no slot, marks of being stale. Kept beside the slot, for those alone.</summary>
/// <remarks>Immutable but for <see cref="IdleUntil"/>, which hits write; a lost write shortens the idle time by the length of the race. Changing anything else makes a new one.</remarks>
internal sealed record EntryDetail
{
    public string[] Scopes { get; init; } = [];

    public string? SourceVersion { get; init; }

    public long SlidingTicks { get; init; }

    public long IdleUntil { get; set; } = long.MaxValue;

    /// <summary>See <see cref="Entry{TValue}.InvalidatedAt"/>.</summary>
    public long InvalidatedAt { get; init; }

    /// <summary>See <see cref="Entry{TValue}.RetryAt"/>.</summary>
    public long RetryAt { get; init; }

    /// <summary>To the tick, where a slot has milliseconds.</summary>
    public required EntryTimes Times { get; init; }
}

/// <summary>An entry's times in full, in ticks of <c>Surroundings.Now</c>.</summary>
internal readonly record struct EntryTimes(long LoadedAt, long FetchedAt, long QuietUntil, long FreshUntil, long HardUntil);
