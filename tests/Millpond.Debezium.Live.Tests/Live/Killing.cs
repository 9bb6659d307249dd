using Millpond.Engines.Live;
using Millpond.Resp;

namespace Millpond.Debezium.Live.Tests.Live;

/// <summary>Processes that follow a stream and are killed, while messages come and others read.</summary>
public sealed class Killing
{
    [Fact]
    public async Task A18_A19_process_is_killed_at_random_moments_and_nothing_is_lost()
    {
        await using var streams = await RedisServer.StartAsync();
        await using var shared = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(streams.Address));
        await Deaths.RunAsync(new StreamCarrier(client, streams.Address), client, shared);
    }
}
