using System.Buffers.Binary;
using Millpond.Shared;

namespace Millpond.Redis.Layout;

/// <summary>A partition's control record, which every operation reads in the step in which it does its own work.</summary>
/// <remarks>
/// <code>
///  0   1  version of the format, 'a'
///  1   8  the life of the server that wrote it (ServerLife): in another life it says nothing
///  9  16  incarnation
/// 25   8  sequence: the number of the newest change
/// 33   8  number of the newest change of a scope or the keyspace
/// 41   8  floor of the keyspace
/// 49   4  how many floors there are: if the sorted set has another count, the engine has evicted it, and a new incarnation begins
/// </code>
/// Little-endian. It is kept for 30 days after the last change, so that keyspaces nobody uses any more do not stay for ever.
/// </remarks>
internal readonly record struct ControlImage(ulong Life, PartitionState State, long KeyspaceFloor, int FloorCount)
{
    public const int Length = 53;

    public static bool TryRead(ReadOnlySpan<byte> bytes, out ControlImage image)
    {
        image = default;
        if (bytes.Length != Length || bytes[0] != (byte)'a')
        {
            return false;
        }

        var incarnation = new Incarnation(BinaryPrimitives.ReadUInt64LittleEndian(bytes[9..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[17..]));
        var state = new PartitionState(incarnation, BinaryPrimitives.ReadInt64LittleEndian(bytes[25..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[33..]));
        image = new ControlImage(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]), state, BinaryPrimitives.ReadInt64LittleEndian(bytes[41..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[49..]));
        return true;
    }

    public void Write(Span<byte> bytes)
    {
        bytes[0] = (byte)'a';
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[1..], Life);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[9..], State.Incarnation.High);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[17..], State.Incarnation.Low);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[25..], State.Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[33..], State.FloorSequence);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[41..], KeyspaceFloor);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[49..], FloorCount);
    }
}
