using System.Globalization;
using System.Text;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Layout;

/// <summary>
/// The names that one partition has in the engine. All carry the same hash tag, so a cluster keeps them on one node and one script reaches them all.
/// </summary>
/// <remarks>
/// <code>
/// {shop:product:v1#0}:17           the record of the key 17
/// {shop:product:v1#0}+17           the counter 17
/// {shop:product:v1#0}!control      the control record       (Layout/ControlImage.cs)
/// {shop:product:v1#0}!floors       a sorted set: scope, sequence of its newest change
/// {shop:product:v1#0}!log          a list, newest first: the changes that are still remembered
/// {shop:product:v1#0}!push         the channel of its changes and wakings
/// {shop:product:v1#0}!nothing      never there
/// </code>
/// A keyspace of several partitions has tags with a letter or two more, chosen so that partition i of n lies in the i-th n-th of a cluster's slots: chance would give one node
/// much more than another.
/// </remarks>
internal sealed class PartitionKeys
{
    private readonly byte[] _records;
    private readonly byte[] _counters;
    private object? _life;

    public PartitionKeys(PartitionId id, int partitions)
    {
        Id = id;
        var tag = TagOf(id, partitions);
        Control = Encoding.UTF8.GetBytes(tag + "!control");
        Floors = Encoding.UTF8.GetBytes(tag + "!floors");
        Log = Encoding.UTF8.GetBytes(tag + "!log");
        Nothing = Encoding.UTF8.GetBytes(tag + "!nothing");
        ChannelName = tag + "!push";
        Channel = Encoding.UTF8.GetBytes(ChannelName);
        Slot = RespSlot.Of(Control);
        _records = Encoding.UTF8.GetBytes(tag + ":");
        _counters = Encoding.UTF8.GetBytes(tag + "+");
    }

    public PartitionId Id { get; }

    public int Slot { get; }

    /// <summary>The life of the server that owns the partition, as far as we heard; null before we heard of any.</summary>
    public ulong? Life
    {
        get => (ulong?)Volatile.Read(ref _life);
        set => Volatile.Write(ref _life, value);
    }

    public byte[] Control { get; }

    public byte[] Floors { get; }

    public byte[] Log { get; }

    /// <summary>A name under which nothing is ever kept: to find out who takes the partition's writes.</summary>
    public byte[] Nothing { get; }

    public string ChannelName { get; }

    public byte[] Channel { get; }

    public byte[] RecordOf(string text) => Join(_records, text);

    public byte[] CounterOf(string text) => Join(_counters, text);

    /// <summary>As <see cref="RecordOf"/>, straight into a command.</summary>
    public void WriteRecord(ref RespWriter writer, string text)
    {
        const int onStack = 512;
        var length = _records.Length + Encoding.UTF8.GetByteCount(text);
        Span<byte> bytes = length <= onStack ? stackalloc byte[onStack] : new byte[length];
        _records.CopyTo(bytes);
        Encoding.UTF8.GetBytes(text, bytes[_records.Length..]);
        writer.Argument(bytes[..length]);
    }

    private static byte[] Join(byte[] head, string text)
    {
        var bytes = new byte[head.Length + Encoding.UTF8.GetByteCount(text)];
        head.CopyTo(bytes, 0);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(head.Length));
        return bytes;
    }

    private static string TagOf(PartitionId id, int partitions)
    {
        // A brace in a name would end the tag early.
        var name = id.Keyspace.Replace("%", "%25", StringComparison.Ordinal).Replace("{", "%7B", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal);
        var plain = string.Create(CultureInfo.InvariantCulture, $"{name}#{id.Index}");
        if (partitions == 1)
        {
            return $"{{{plain}}}";
        }

        for (var salt = 0; ; salt++)
        {
            var tag = salt == 0 ? plain : string.Create(CultureInfo.InvariantCulture, $"{plain}~{salt}");
            if (RespSlot.Of(Encoding.UTF8.GetBytes(tag)) * (long)partitions / RespSlot.Count == id.Index)
            {
                return $"{{{tag}}}";
            }
        }
    }
}
