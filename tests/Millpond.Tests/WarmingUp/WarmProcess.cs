using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millpond.Shared;
using Millpond.Tests.Rig;

namespace Millpond.Tests.WarmingUp;

/// <summary>A process whose one keyspace, <c>thing</c>, warms up.</summary>
internal sealed class WarmProcess(Caches caches, ServiceProvider services)
{
    public Heard Heard { get; private init; } = new();

    public ServiceProvider Services => services;

    public IKeyspace<int, string> Things => services.GetRequiredService<IKeyspace<int, string>>();

    public KeyspaceStatistics Statistics => services.GetRequiredService<ICache>().Statistics().Keyspaces.Single(one => one.Name == "thing");

    public WarmUpStatistics WarmUp => Statistics.WarmUp!;

    public static WarmProcess In(
        Caches caches, Source source, Action<WarmUpBuilder<int>> warmUp, Action<KeyspaceBuilder<int, string>>? declare = null, Action<MillpondOptions>? options = null, ISharedTier? tier = null, bool batches = true)
    {
        var heard = new Heard();
        var services = caches.Add(
            m => m.Configure(o => options?.Invoke(o)).AddKeyspace<int, string>("thing", k =>
            {
                k.Policy(p => p.Jitter = 0).Load(source.LoadAsync).WarmUp(warmUp);
                if (batches)
                {
                    k.LoadMany(source.LoadManyAsync);
                }

                declare?.Invoke(k);
            }),
            tier,
            more: more => more.AddSingleton<Events.CacheListener>(heard));
        return new(caches, services) { Heard = heard };
    }

    public static Source Full(int rows = 2_000)
    {
        var source = new Source();
        for (var key = 0; key < rows; key++)
        {
            source[key] = $"row {key}";
        }

        return source;
    }

    public Task StartAsync() => services.Host().StartAsync(CancellationToken.None);

    /// <summary>Starts, and waits for the end of the warm-up as long as it takes.</summary>
    public async Task<WarmUpStatistics> StartAndWarmUpAsync()
    {
        await StartAsync();
        while (WarmUp.State is WarmUpState.Waiting or WarmUpState.Running)
        {
            await caches.Surroundings.Delay(TimeSpan.FromMilliseconds(10), CancellationToken.None);
        }

        return WarmUp;
    }

    public Task<HealthCheckResult> ReadyAsync() => new MillpondReadyCheck(services).CheckHealthAsync(new HealthCheckContext());
}
