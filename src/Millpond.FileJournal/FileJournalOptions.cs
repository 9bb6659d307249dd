using Millpond.Journals;

namespace Millpond.FileJournal;

/// <summary>Where and how a keyspace's local journal is kept.</summary>
public sealed record FileJournalOptions
{
    /// <summary>The folder, of this keyspace alone, on a local disk. It is made if it is not there.</summary>
    public required string Folder { get; init; }

    /// <summary>The size of a file in bytes: 64 KiB to 1 GiB. One more is prepared ahead. Default 16 MiB.</summary>
    public int SegmentBytes { get; init; } = 16 << 20;

    /// <summary>What is kept of records that are settled, by keeping the files that they are in; <see cref="TrailOptions.BytesMax"/> is at least <see cref="SegmentBytes"/> then. Default: nothing, files are deleted when their records are.</summary>
    public TrailOptions? Trail { get; init; }
}
