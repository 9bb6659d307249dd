namespace Millpond.Local;

/// <summary>
/// What a hit reads of an entry, side by side: 24 bytes beside the key and the value. There is no object for an entry, so the collector has none to mark.
/// </summary>
/// <remarks>
/// Written under the shard's lock between two steps of <see cref="Version"/>: odd while it is being written. Readers copy what they need and then look whether the version is
/// still the same. <see cref="Quiet"/> and <see cref="Proven"/> may also be changed alone, without a step; each is one word, and every value it takes is
/// true of the entry. <see cref="Heat"/> is written by readers, without care: a lost one makes an eviction a little less clever.
/// Times are in milliseconds after the lineage's beginning, rounded to the early side.
/// </remarks>
internal struct Slot<TKey, TValue>
{
    public TKey? Key;

    public TValue? Value;

    public uint Version;

    /// <summary>The lower half of the key's hash. Of a free slot: the next free one.</summary>
    public uint Hash;

    /// <summary>Before this, a hit needs no thought of time; 0 if every hit does.</summary>
    public uint Quiet;

    /// <summary>The sequence the entry is proven valid as of, after the lineage's; 0 if none.</summary>
    public uint Proven;

    /// <summary>How long it is fresh, in milliseconds.</summary>
    public uint FreshTime;

    public ushort Lineage;

    public SlotFlags Flags;

    /// <summary>How many more times the policy passes it over: 1 if it was hit since the policy last looked, more if it is hot.</summary>
    public byte Heat;
}

/// <summary>What is known of an entry that no hit reads: 6 bytes, in memory that the collector does not look into.</summary>
internal struct SlotNote
{
    /// <summary>From the end of quiet to the end of freshness, in milliseconds; a <see cref="CompactNumber"/>, rounded down.</summary>
    public ushort FreshAfterQuiet;

    /// <summary>How long its load took, in units of ten microseconds; a <see cref="CompactNumber"/>.</summary>
    public ushort LoadTime;

    /// <summary>Sixteen bits of the nonce it was filled under. Two fills that share them are taken for one and the same once in 65,536, and that costs a load.</summary>
    public ushort FilledMark;
}

[Flags]
internal enum SlotFlags : byte
{
    None = 0,

    /// <summary>Not free.</summary>
    Held = 1,

    /// <summary>The source has no value for the key.</summary>
    Negative = 2,

    /// <summary>Some of it is in an <see cref="EntryDetail"/>.</summary>
    HasDetail = 4,

    /// <summary>It has scopes, so that the floor of any of them may concern it.</summary>
    HasScopes = 8,

    /// <summary>It goes unless it is read.</summary>
    Slides = 16,

    /// <summary>A hit has more to look at than nearly all others.</summary>
    NeedsCare = HasScopes | Slides,

    /// <summary>Its times do not fit a slot, and are all in the detail.</summary>
    IsWide = 32,
}
