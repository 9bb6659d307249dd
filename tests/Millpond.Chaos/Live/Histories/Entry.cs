using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Millpond.Chaos.Live.Histories;

/// <summary>What an entry of a history tells.</summary>
internal enum What
{
    /// <summary>The place was taken, and whoever took it died before it wrote.</summary>
    Nothing,

    /// <summary>An answer was given. Version: the row's, or -1 for none. Mark: the staleness accepted in milliseconds, or -1. Detail: see <see cref="Answer"/>.</summary>
    Read,

    /// <summary>A read ended in an exception.</summary>
    ReadFailed,

    /// <summary>A transaction has committed. Version: the new one.</summary>
    Committed,

    /// <summary>The application's own word for a change has returned. Detail: an <see cref="Announcement"/>. Version: of a ticket the one stored under it.</summary>
    Announced,

    /// <summary>A write ended in an exception.</summary>
    WriteFailed,

    /// <summary>The shared tier granted a lease. Mark: the nonce. Version: for how many milliseconds, and above 32 bits a part of the incarnation's name. Detail: 1 to write.</summary>
    Granted,

    /// <summary>The shared tier answered a fill. Mark: the nonce. Detail: 1 if it was stored.</summary>
    Filled,

    /// <summary>A lease was given back. Mark: the nonce.</summary>
    Released,

    /// <summary>The shared tier made a change. Key: the key or the tag's number. Detail: a <see cref="ChangeKind"/>. Version: the partition. Mark: 1 in the lazy keyspace.</summary>
    Changed,

    /// <summary>The shared tier failed a call.</summary>
    TierFailed,

    /// <summary>A loader has begun.</summary>
    LoadBegan,

    /// <summary>A loader has read. Version as for <see cref="Read"/>.</summary>
    Loaded,

    /// <summary>What every key was read as at rest; otherwise as <see cref="Read"/>.</summary>
    Rested,
}

/// <summary>How a change was told.</summary>
internal enum Announcement
{
    Invalidated,
    Tagged,
    Stored,
    Refused,
    Dropped,
}

/// <summary>One line of a history: from when to when, by the machine's one monotonic clock, which process did what.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Entry
{
    public const int Size = 48;

    /// <summary>Where <see cref="What"/> lies, which is written last.</summary>
    public const int WhatOffset = 44;

    /// <summary>Nanoseconds; the same clock for all processes of a machine.</summary>
    public long Began { get; init; }

    public long Ended { get; init; }

    public long Version { get; init; }

    public long Mark { get; init; }

    public int Key { get; init; }

    public int Process { get; init; }

    public int Detail { get; init; }

    public What What { get; init; }

    public static long Now => Stopwatch.GetTimestamp();

    public static long Of(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}

/// <summary>The detail of a read: where the value came from and why it counts as stale, if it does.</summary>
internal static class Answer
{
    public static int Of<T>(in Reading<T> reading) => (int)reading.Origin | ((int)reading.Stale << 8);

    public static ReadOrigin OriginOf(int detail) => (ReadOrigin)(detail & 0xFF);

    public static StaleReason StaleOf(int detail) => (StaleReason)(detail >> 8);
}
