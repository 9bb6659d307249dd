namespace Millpond.Journals;

/// <summary>What a journal keeps of what is settled, and for how long: its audit trail. The same in every process that opens the journal. A journal without these options keeps nothing.</summary>
public sealed record TrailOptions
{
    /// <summary>What a record counts for beside its key and value: its position, its times, and what an engine needs to keep it.</summary>
    internal const int RecordBytes = 100;

    private const long BytesLeast = 64 << 10;

    private static readonly TimeSpan AgeLeast = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AgeMost = TimeSpan.FromDays(36_500);

    /// <summary>How long a record is kept after it was settled: 1 s to 100 years. Required. What is older is not read any more, and removed in small steps, so a little later.</summary>
    public required TimeSpan AgeMax { get; init; }

    /// <summary>
    /// How many bytes the trail may have, at least 64 KiB; required. Past it the oldest go before their time, and <see cref="TrailPage.CompleteSince"/> says so: a trail that is full holds nothing up. In engines a record counts for its key, its value and 100 bytes; in files for what the
    /// files have.
    /// </summary>
    public required long BytesMax { get; init; }

    /// <summary>What must hold of them, for whoever checks the journal's options.</summary>
    internal static (bool Holds, string Fault)[] Rules(TrailOptions? trail) => trail is null ? [] :
    [
        (trail.AgeMax >= AgeLeast && trail.AgeMax <= AgeMost, $"Trail.AgeMax is {trail.AgeMax}, it must be 1 s to 36,500 days"),
        (trail.BytesMax >= BytesLeast, $"Trail.BytesMax is {trail.BytesMax}, it must be 65,536 or more"),
    ];
}
