using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Millpond.Shared;

namespace Millpond.Redis.Layout;

/// <summary>A change with its number as bytes, in the log and on the push channel.</summary>
/// <remarks>
/// <code>
/// 0  8  sequence, little-endian
/// 8  1  'k' a key, 's' a scope, 'a' the whole keyspace
/// 9  1  'g' the value is gone, 's' it stays as a stale one
/// 10    the name in UTF-8
/// </code>
/// </remarks>
internal static class ChangeText
{
    public const int HeadLength = 10;

    public static ReadOnlyMemory<byte> KindOf(in Change change) => change.Kind switch
    {
        ChangeKind.Key => "k"u8.ToArray(),
        ChangeKind.Scope => "s"u8.ToArray(),
        _ => "a"u8.ToArray(),
    };

    public static ReadOnlyMemory<byte> AfterOf(in Change change) => change.After == AfterInvalidation.Stale ? "s"u8.ToArray() : "g"u8.ToArray();

    public static byte[] Write(in SequencedChange change)
    {
        var bytes = new byte[HeadLength + Encoding.UTF8.GetByteCount(change.Change.Name)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, change.Sequence);
        bytes[8] = KindOf(change.Change).Span[0];
        bytes[9] = AfterOf(change.Change).Span[0];
        Encoding.UTF8.GetBytes(change.Change.Name, bytes.AsSpan(HeadLength));
        return bytes;
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out SequencedChange change)
    {
        change = default;
        if (bytes.Length < HeadLength || !Utf8.IsValid(bytes[HeadLength..]) || bytes[9] is not ((byte)'g' or (byte)'s'))
        {
            return false;
        }

        ChangeKind kind;
        switch (bytes[8])
        {
            case (byte)'k':
                kind = ChangeKind.Key;
                break;
            case (byte)'s':
                kind = ChangeKind.Scope;
                break;
            case (byte)'a':
                kind = ChangeKind.Keyspace;
                break;
            default:
                return false;
        }

        var after = bytes[9] == (byte)'s' ? AfterInvalidation.Stale : AfterInvalidation.Gone;
        change = new SequencedChange(BinaryPrimitives.ReadInt64LittleEndian(bytes), new Change(kind, Encoding.UTF8.GetString(bytes[HeadLength..]), after));
        return true;
    }
}
