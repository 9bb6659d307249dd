using Millpond.Resp;

namespace Millpond.Bench.Suites.Resp;

/// <summary>Reads a value and answers its length: what a caller does with the bytes is not the client's cost.</summary>
internal readonly struct Get(byte[] key) : IRespRequest<int>
{
    public string Name => "GET";

    public RespTraits Traits => RespTraits.Idempotent;

    public int Slot => RespSlot.Of(key);

    public void Write(ref RespWriter writer)
    {
        writer.Command("GET"u8, 1);
        writer.Argument(key);
    }

    public int Read(ref RespReader reader) => reader.Bytes.Length;
}

/// <summary>Writes a value.</summary>
internal readonly struct Set(byte[] key, byte[] value) : IRespRequest<int>
{
    public string Name => "SET";

    public RespTraits Traits => RespTraits.Idempotent;

    public int Slot => RespSlot.Of(key);

    public void Write(ref RespWriter writer)
    {
        writer.Command("SET"u8, 2);
        writer.Argument(key);
        writer.Argument(value);
    }

    // "OK"
    public int Read(ref RespReader reader) => reader.Bytes.Length;
}
