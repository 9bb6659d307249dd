using Millpond.Redis.Layout;
using Millpond.Resp;

namespace Millpond.Redis.Requests;

/// <summary>Asks what a server's clock shows, in milliseconds.</summary>
internal readonly struct ServerTime(int slot) : IRespRequest<(ulong Life, long Time)>
{
    public string Name => "TIME";

    public RespTraits Traits => RespTraits.Idempotent;

    public int Slot => slot;

    public void Write(ref RespWriter writer) => writer.Command("TIME"u8, 0);

    public (ulong Life, long Time) Read(ref RespReader reader)
    {
        reader.ReadNext();
        var seconds = reader.GetInteger();
        reader.ReadNext();
        return (ServerLife.Of(reader.Server), (seconds * 1_000) + (reader.GetInteger() / 1_000));
    }
}
