using Millpond.Redis.Layout;
using Millpond.Resp;

namespace Millpond.Redis.Requests;

/// <summary>Reads the control record and some records of one partition in one step: what a hit costs the engine.</summary>
internal readonly struct PlainRead(PartitionKeys partition, ReadOnlyMemory<byte[]> records) : IRespRequest<PlainReply>
{
    public string Name => "MGET";

    public RespTraits Traits => RespTraits.Idempotent;

    public int Slot => partition.Slot;

    public void Write(ref RespWriter writer)
    {
        writer.Command("MGET"u8, 1 + records.Length);
        writer.Argument(partition.Control);
        foreach (var record in records.Span)
        {
            writer.Argument(record);
        }
    }

    public PlainReply Read(ref RespReader reader)
    {
        PlainReply.Begin(ref reader, out var reply);
        if (records.Length == 1)
        {
            return reply with { Only = PlainReply.Next(ref reader) };
        }

        var all = new PooledBytes?[records.Length];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = PlainReply.Next(ref reader);
        }

        return reply with { All = all };
    }
}

/// <summary>As <see cref="PlainRead"/>, for the one record of most reads, without an array.</summary>
internal readonly struct PlainReadOfOne(PartitionKeys partition, string text) : IRespRequest<PlainReply>
{
    public string Name => "MGET";

    public RespTraits Traits => RespTraits.Idempotent;

    public int Slot => partition.Slot;

    public void Write(ref RespWriter writer)
    {
        writer.Command("MGET"u8, 2);
        writer.Argument(partition.Control);
        partition.WriteRecord(ref writer, text);
    }

    public PlainReply Read(ref RespReader reader)
    {
        PlainReply.Begin(ref reader, out var reply);
        return reply with { Only = PlainReply.Next(ref reader) };
    }
}

/// <summary>What stood there.</summary>
/// <param name="Life">The server's life.</param>
/// <param name="Control">The control record; null if there was none that can be read.</param>
internal readonly record struct PlainReply(ulong Life, ControlImage? Control)
{
    /// <summary>The record, where one was asked for.</summary>
    public PooledBytes? Only { get; init; }

    /// <summary>The records, where several were asked for.</summary>
    public PooledBytes?[]? All { get; init; }

    /// <summary>Whether the control record is of the server's present life.</summary>
    public bool IsCurrent => Control is { } control && control.Life == Life;

    public static void Begin(ref RespReader reader, out PlainReply reply)
    {
        var life = ServerLife.Of(reader.Server);
        reader.ReadNext();
        reply = new PlainReply(life, ControlImage.TryRead(reader.Bytes, out var control) ? control : null);
    }

    public static PooledBytes? Next(ref RespReader reader)
    {
        reader.ReadNext();
        return reader.IsNull ? null : PooledBytes.CopyOf(reader.Bytes);
    }
}
