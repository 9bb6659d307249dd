using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Engines.Live;

namespace Millpond.Redis.Live.Tests.Live;

/// <summary>Two regions with an engine each, and one database that both load from.</summary>
public sealed class FillingAColdRegion
{
    private readonly int[] _versions = [.. Enumerable.Repeat(1, 2_000)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task What_the_warm_engine_has_is_copied_and_what_changed_on_either_side_is_not()
    {
        await using var east = await RedisServer.StartAsync();
        await using var west = await RedisServer.StartAsync();
        await using var warm = await StartAsync(m => m.UseRedis($"{east.Address}"));
        await Things(warm).GetManyAsync([.. Enumerable.Range(0, 500)], default, Cancellation);
        await using var cold = await StartAsync(m => m.UseRedis($"{west.Address}").FillFromRedis($"{east.Address}").Configure(o => o.WarmSideHoldOff = TimeSpan.FromSeconds(1)));

        // It does not know yet what changed before it came.
        var next = 0;
        while (Figures(cold).Copied == 0)
        {
            Assert.Equal("1", await Things(cold).GetAsync(next++, Cancellation));
            Assert.InRange(next, 0, 400);
            await Task.Delay(50, Cancellation);
        }

        var (loads, copied) = (Figures(cold).Loads, Figures(cold).Copied);
        await Things(cold).GetManyAsync([.. Enumerable.Range(next, 50)], default, Cancellation);
        Assert.Equal((loads, copied + 50), (Figures(cold).Loads, Figures(cold).Copied));

        // Changed here, and the other side has not heard.
        next += 50;
        _versions[next] = 2;
        await Things(cold).InvalidateAsync(next, Cancellation);
        Assert.Equal("2", await Things(cold).GetAsync(next, Cancellation));

        // Changed there: the record lies below a floor.
        _versions[next + 1] = 2;
        await Things(warm).InvalidateTagAsync($"tag {next + 1}", Cancellation);
        Assert.Equal("2", await Things(cold).GetAsync(next + 1, Cancellation));
        Assert.Equal((loads + 2, copied + 50), (Figures(cold).Loads, Figures(cold).Copied));

        // Others are copied again as soon as the push of our own change has come back.
        for (next += 2; Figures(cold).Copied == copied + 50; next++)
        {
            Assert.Equal("1", await Things(cold).GetAsync(next, Cancellation));
            Assert.InRange(next, 0, 499);
        }
    }

    private static IKeyspace<int, string> Things(IServiceProvider process) => process.GetRequiredService<IKeyspace<int, string>>();

    private static KeyspaceStatistics Figures(IServiceProvider process) => process.GetRequiredService<ICache>().Statistics().Keyspaces.Single(one => one.Name == "thing");

    private async Task<ServiceProvider> StartAsync(Action<MillpondBuilder> sides)
    {
        var services = new ServiceCollection().AddMillpond(m =>
        {
            sides(m);
            m.Configure(o => o.SharedTierTimeoutMin = o.SharedTierTimeoutMax = TimeSpan.FromSeconds(30));
            m.AddKeyspace<int, string>("thing", k => k.Load((key, _) => new($"{_versions[key]}")).Tags((key, _) => [$"tag {key}"]));
        }).BuildServiceProvider();
        foreach (var start in services.GetServices<IHostedService>())
        {
            await start.StartAsync(Cancellation);
        }

        return services;
    }
}
