using Millpond.Engines.Live;
using Millpond.Resp;

namespace Millpond.Bench.Suites.Outages;

/// <summary>One subject with a redis-server, a network and a source of its own.</summary>
internal sealed class OutageStage : IAsyncDisposable
{
    private readonly RedisServer _server;
    private readonly Relay _relay;

    private OutageStage(RedisServer server, Relay relay, OutageSubject subject) => (_server, _relay, Subject) = (server, relay, subject);

    public OutageSubject Subject { get; }

    public static async Task<OutageStage> StartAsync(Func<string, OutageSource, OutageSubject> make)
    {
        var server = await RedisServer.StartAsync();
        var relay = Relay.To(server.Port);
        return new OutageStage(server, relay, make(relay.Address, new OutageSource()));
    }

    public async Task BeginAsync(Trouble trouble)
    {
        switch (trouble)
        {
            case Trouble.Killed:
                await _server.KillAsync();
                break;
            case Trouble.Emptied:
                await using (var client = new RespClient(RespOptions.Parse(_server.Address)))
                {
                    await client.ExecuteAsync("FLUSHALL");
                }

                break;
            case Trouble.TwoSecondsACall:
                _relay.DelayBy(TimeSpan.FromSeconds(2), RelayDirection.ToClient);
                break;
            case Trouble.Paused:
                await _server.PauseAsync();
                break;
            case Trouble.SourceTenTimesSlower:
                Subject.Source.Slowness = 10;
                break;
        }
    }

    public async Task EndAsync(Trouble trouble)
    {
        switch (trouble)
        {
            case Trouble.Killed:
                await _server.LaunchAsync();
                break;
            case Trouble.TwoSecondsACall:
                _relay.DelayBy(TimeSpan.Zero, RelayDirection.ToClient);
                break;
            case Trouble.Paused:
                await _server.ResumeAsync();
                break;
            case Trouble.SourceTenTimesSlower:
                Subject.Source.Slowness = 1;
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Subject.DisposeAsync();
        await _relay.DisposeAsync();
        await _server.DisposeAsync();
    }
}

/// <summary>What goes wrong.</summary>
internal enum Trouble
{
    Killed,
    Emptied,
    TwoSecondsACall,
    Paused,
    SourceTenTimesSlower,
}
