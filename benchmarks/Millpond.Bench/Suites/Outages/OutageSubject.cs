using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Bench.Suites.Resp;
using Millpond.Resp;

namespace Millpond.Bench.Suites.Outages;

/// <summary>One way to put a cache in front of a source.</summary>
internal abstract class OutageSubject(string name, OutageSource source) : IAsyncDisposable
{
    public string Name => name;

    public OutageSource Source => source;

    /// <summary>Answers one request, or throws; true if the answer is stale.</summary>
    public abstract ValueTask<bool> GetAsync(int key);

    public abstract ValueTask DisposeAsync();
}

/// <summary>Millpond, set up as its guides say for a source of this size and a page that may take a second.</summary>
internal sealed class MillpondSubject : OutageSubject
{
    /// <summary>Twice what the source does side by side: the guard finds out how much of it to use.</summary>
    public const int ConcurrentLoadsMax = 2 * OutageSource.Capacity;

    public static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(250);

    private readonly ServiceProvider _services;
    private readonly IKeyspace<int, byte[]> _things;

    public MillpondSubject(string address, OutageSource source, long localBytes)
        : base("Millpond", source)
    {
        _services = new ServiceCollection()
            .AddMillpond(m => m
                .UseRedis(address)
                .Configure(o =>
                {
                    o.LocalBytesMax = localBytes;
                    o.Sources["default"] = new SourceLimits { ConcurrentLoadsMax = ConcurrentLoadsMax, WaitMax = WaitMax };
                })
                .AddKeyspace<int, byte[]>("thing", k => k
                    .Policy(p =>
                    {
                        p.TimeToLive = TimeSpan.FromHours(1);
                        p.StaleWhileRevalidate = TimeSpan.FromMinutes(1);
                        p.StaleIfError = TimeSpan.FromMinutes(10);
                    })
                    .Load(async (_, token) => await Source.QueryAsync(token))))
            .BuildServiceProvider();
        _things = _services.GetRequiredService<IKeyspace<int, byte[]>>();
    }

    public override async ValueTask<bool> GetAsync(int key) => (await _things.ReadAsync(key)).Stale != StaleReason.None;

    public override ValueTask DisposeAsync() => _services.DisposeAsync();
}

/// <summary>What most programs have: read the cache, on a miss or an error read the source, then write the cache.</summary>
internal sealed class PlainSubject(string address, OutageSource source) : OutageSubject("cache-aside", source)
{
    private readonly RespClient _client = new(RespOptions.Parse(address));

    public override async ValueTask<bool> GetAsync(int key)
    {
        var name = Encoding.ASCII.GetBytes($"plain:{key}");
        if (await TryAsync(new Get(name)) > 0)
        {
            return false;
        }

        var value = await Source.QueryAsync();
        await TryAsync(new Set(name, value));
        return false;
    }

    public override ValueTask DisposeAsync() => _client.DisposeAsync();

    private async ValueTask<int> TryAsync<TRequest>(TRequest request)
        where TRequest : struct, IRespRequest<int>
    {
        try
        {
            return await _client.SendAsync<TRequest, int>(request);
        }
        catch (RespException)
        {
            return 0;
        }
    }
}
