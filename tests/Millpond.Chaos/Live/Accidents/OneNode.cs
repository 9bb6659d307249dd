using Millpond.Engines.Live;

namespace Millpond.Chaos.Live.Accidents;

/// <summary>One server.</summary>
internal sealed class OneNode(RedisServer server) : EngineSet
{
    public override string Configuration => server.Address;

    public override IReadOnlyList<RedisServer> Nodes { get; } = [server];

    public override bool FailsOver => false;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await server.DisposeAsync();
    }
}
