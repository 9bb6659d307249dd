using Millpond.Engines.Live;
using Millpond.Redis.Live.Tests.Live.Conformance;
using Millpond.Resp;
using Millpond.Testing.Conformance;

namespace Millpond.Redis.Live.Tests.Live.Engines;

/// <summary>One garnet-server, which recovers what was saved when it starts again.</summary>
internal sealed class OneGarnet : IDeployment
{
    private readonly GarnetServer _server;
    private readonly RespClient _admin;

    private OneGarnet(GarnetServer server) => (_server, _admin) = (server, new RespClient(RespOptions.Parse(server.Address)));

    public RedisSharedTierOptions Options => new() { Connection = _admin.Options };

    public static async Task<OneGarnet> StartAsync() => new(await GarnetServer.StartDurableAsync());

    public async Task<RespValue> TellAsync(RespCommand command) => await _admin.ExecuteAsync(command);

    public async Task RestartAsync(RestartKind kind)
    {
        if (kind == RestartKind.WithRecords)
        {
            await TellAsync(new RespCommand("SAVE") { Traits = RespTraits.Idempotent });
        }

        await _server.KillAsync();
        if (kind == RestartKind.Empty && Directory.Exists(_server.SavedPath))
        {
            Directory.Delete(_server.SavedPath, recursive: true);
        }

        await _server.LaunchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _server.DisposeAsync();
    }
}
