using Millpond.Resp;

namespace Millpond.Debezium.Live.Tests.Live;

/// <summary>A Redis Stream.</summary>
internal sealed class StreamCarrier(RespClient client, string address) : ICarrier
{
    private const string Stream = "shop.public.things";

    public (string Server, string Name, string Mode) Relay => (address, Stream, "streams");

    public Task AddAsync(string key, string value) => Written.AddAsync(client, Stream, key, value);

    public async Task<bool> IsEmptyAsync() => (await client.ExecuteAsync("XLEN", Stream)).Integer == 0;
}
