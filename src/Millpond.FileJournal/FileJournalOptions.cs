namespace Millpond.FileJournal;

/// <summary>What becomes of a journal's files when all that is in them is in the source.</summary>
public enum FlushedSegments
{
    /// <summary>They are deleted.</summary>
    AreDeleted,

    /// <summary>They are kept under another name, as a record of what was written when. Deleting them is up to you.</summary>
    AreKept,
}

/// <summary>Where and how a keyspace's local journal is kept.</summary>
public sealed record FileJournalOptions
{
    /// <summary>The folder, of this keyspace alone, on a local disk. It is made if it is not there.</summary>
    public required string Folder { get; init; }

    /// <summary>The size of a file in bytes: 64 KiB to 1 GiB. One more is prepared ahead. Default 16 MiB.</summary>
    public int SegmentBytes { get; init; } = 16 << 20;

    /// <summary>What becomes of files whose records are all flushed. Default: they are deleted.</summary>
    public FlushedSegments Flushed { get; init; } = FlushedSegments.AreDeleted;
}
