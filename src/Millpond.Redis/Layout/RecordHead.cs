namespace Millpond.Redis.Layout;

/// <summary>What the engine's own steps must know of a record, in front of the bytes of <see cref="Millpond.Shared.RecordFormat"/>.</summary>
/// <remarks>
/// <code>
///  0   1  version of the format, 'a'
///  1   1  '1' if somebody waits for the lease to end, else '0'
///  2   6  when the lease was granted
///  8   6  when it ends by itself
/// 14   6  when the value's load began
/// 20   6  when the value ends at the latest
/// 26   6  when it ends unless it is read before (no sliding time: the same)
/// 32   6  sliding time
/// 38   6  when a change left the value as a stale one
/// 44      RecordFormat: the guard, and the value if there is one
/// </code>
/// Milliseconds, little-endian, by the clock of the engine, which alone compares them with its clock. All fields are zero where there is nothing to say.
/// The engine's own expiry is set to the later of lease and value; which of the two are over is for the reader to see.
/// </remarks>
internal readonly record struct RecordHead(
    bool IsAwaited, long LeasedAt, long LeaseUntil, long LoadBegan, long HardUntil, long ValueUntil, long Sliding, long InvalidatedAt)
{
    public const int Length = 44;

    public static bool TryRead(ReadOnlySpan<byte> bytes, out RecordHead head)
    {
        head = default;
        if (bytes.Length < Length || bytes[0] != (byte)'a')
        {
            return false;
        }

        head = new RecordHead(
            bytes[1] == (byte)'1', Time(bytes, 2), Time(bytes, 8), Time(bytes, 14), Time(bytes, 20), Time(bytes, 26), Time(bytes, 32), Time(bytes, 38));
        return true;
    }

    public void Write(Span<byte> bytes)
    {
        bytes[0] = (byte)'a';
        bytes[1] = IsAwaited ? (byte)'1' : (byte)'0';
        ReadOnlySpan<long> times = [LeasedAt, LeaseUntil, LoadBegan, HardUntil, ValueUntil, Sliding, InvalidatedAt];
        for (var i = 0; i < times.Length; i++)
        {
            Write(bytes.Slice(2 + (6 * i), 6), times[i]);
        }
    }

    private static long Time(ReadOnlySpan<byte> bytes, int at)
    {
        long time = 0;
        for (var i = 5; i >= 0; i--)
        {
            time = (time << 8) | bytes[at + i];
        }

        return time;
    }

    private static void Write(Span<byte> bytes, long time)
    {
        for (var i = 0; i < 6; i++)
        {
            bytes[i] = (byte)(time >> (8 * i));
        }
    }
}
