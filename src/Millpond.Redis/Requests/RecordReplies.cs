using Millpond.Redis.Layout;
using Millpond.Shared;

namespace Millpond.Redis.Requests;

/// <summary>Makes replies of the contract out of bytes and the engine's time.</summary>
internal static class RecordReplies
{
    /// <summary>Whether bytes hold a value that is not over and needs nothing written to be read.</summary>
    public static bool HasPlainValue(ReadOnlySpan<byte> bytes, long time) =>
        RecordHead.TryRead(bytes, out var head) && head.ValueUntil > time && head.Sliding == 0;

    /// <summary>Whether somebody holds the lease of what these bytes are.</summary>
    public static bool IsLeased(ReadOnlySpan<byte> bytes, long time, out long until)
    {
        until = 0;
        if (!RecordHead.TryRead(bytes, out var head) || bytes.Length < RecordHead.Length + RecordFormat.StampOffset)
        {
            return false;
        }

        until = head.LeaseUntil;
        return head.LeaseUntil > time && bytes.Slice(RecordHead.Length + RecordFormat.LeaseOffset, 16).ContainsAnyExcept((byte)0);
    }

    /// <summary>The reply with the value of these bytes; null, and the bytes given back, if they are none that this version reads, or no value.</summary>
    public static ReadReply? WithValue(PooledBytes bytes, long time, in PartitionState state)
    {
        if (!RecordHead.TryRead(bytes.Memory.Span, out var head) || !RecordFormat.TryDecode(bytes.Memory[RecordHead.Length..], bytes, out var image) || image.Value is null)
        {
            bytes.Dispose();
            return null;
        }

        return new ReadReply
        {
            Record = image.Value,
            Age = TimeSpan.FromMilliseconds(Math.Max(0, time - head.LoadBegan)),
            IsInvalidated = image.IsInvalidated,
            InvalidatedFor = image.IsInvalidated ? TimeSpan.FromMilliseconds(Math.Max(0, time - head.InvalidatedAt)) : TimeSpan.Zero,
            State = state,
        };
    }
}
