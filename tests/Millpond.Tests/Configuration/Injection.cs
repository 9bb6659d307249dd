using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Shared.InProcess;
using Millpond.Testing.Time;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Configuration;

/// <summary>What a program's services give and get.</summary>
public sealed class Injection
{
    [Fact]
    public async Task Adding_twice_adds_up()
    {
        var services = new ServiceCollection();
        services.AddMillpond(m => m.AddKeyspace<int, string>("one", k => k.Load((key, _) => new("one" + key))));
        services.AddMillpond(m => m.AddKeyspace<long, string>("two", k => k.Load((key, _) => new("two" + key))));
        services.AddMillpond();
        await using var provider = services.BuildServiceProvider();

        Assert.Equal("one1", await provider.GetRequiredService<IKeyspace<int, string>>().GetAsync(1));
        Assert.Equal("two1", await provider.GetRequiredService<IKeyspace<long, string>>().GetAsync(1));
        Assert.Single(provider.GetServices<IHostedService>());
        Assert.Same(provider.GetRequiredService<ICache>(), provider.GetRequiredKeyedService<ICache>("default"));
    }

    [Fact]
    public async Task Named_caches_have_keyspaces_of_their_own()
    {
        var services = new ServiceCollection();
        services.AddMillpond(m => m.AddKeyspace<int, string>("thing", k => k.Load((key, _) => new("default" + key))));
        services.AddMillpond("orders", m => m.AddKeyspace<int, string>("thing", k => k.Load((key, _) => new("orders" + key))));
        await using var provider = services.BuildServiceProvider();

        Assert.Equal("default1", await provider.GetRequiredService<IKeyspace<int, string>>().GetAsync(1));
        Assert.Equal("default1", await provider.GetRequiredKeyedService<IKeyspace<int, string>>("thing").GetAsync(1));
        Assert.Equal("orders1", await provider.GetRequiredKeyedService<IKeyspace<int, string>>("orders/thing").GetAsync(1));
        var orders = provider.GetRequiredKeyedService<ICache>("orders");
        Assert.Equal("orders", orders.Name);
        Assert.Equal("orders1", await orders.Keyspace<int, string>("thing").GetAsync(1));
        await orders.SetAsync("k", "v");
        Assert.Null(await provider.GetRequiredService<ICache>().GetAsync<string>("k"));
    }

    [Fact]
    public async Task The_clock_is_the_programs()
    {
        var time = new SimulatedTime();
        var loads = 0;
        var services = new ServiceCollection().AddSingleton<TimeProvider>(time);
        services.AddMillpond(m => m.AddKeyspace<int, string>("thing", k => k.TimeToLive(TimeSpan.FromMinutes(1)).Policy(p => p.Jitter = 0)
            .Load((_, _) => new("v" + ++loads))));
        await using var provider = services.BuildServiceProvider();
        var things = provider.GetRequiredService<IKeyspace<int, string>>();

        Assert.Equal("v1", await things.GetAsync(1));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("v1", await things.GetAsync(1));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("v2", await things.GetAsync(1));
    }

    [Fact]
    public async Task A_host_starts_and_stops_a_cache_and_does_not_start_one_with_faults()
    {
        var sound = Host.CreateApplicationBuilder();
        sound.Services.AddMillpond(m => m.AddKeyspace<int, string>("thing", k => k.Load((key, _) => new("v" + key))));
        using (var host = sound.Build())
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            Assert.Equal("v1", await host.Services.GetRequiredService<IKeyspace<int, string>>().GetAsync(1));
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        var faulty = Host.CreateApplicationBuilder();
        faulty.Services.AddMillpond(m => m.AddKeyspace<int, string>("thing", k => k.Version(0)));
        using var never = faulty.Build();
        var error = await Assert.ThrowsAsync<MillpondException>(() => never.StartAsync());
        Assert.Equal(ErrorCode.InvalidConfiguration, error.Code);
    }

    [Fact]
    public void A_host_starts_although_the_shared_tier_is_away() => Caches.Run(async caches =>
    {
        var tier = caches.Faulty();
        tier.Operations.IsDown = true;
        var source = new Source { [7] = "seven" };
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Load(source.LoadAsync)), tier);
        foreach (var service in provider.GetServices<IHostedService>())
        {
            await service.StartAsync(default);
            await service.StopAsync(default);
        }

        Assert.Equal("seven", await provider.Keyspace<int, string>("thing").GetAsync(7));
        Assert.Equal(1, tier.Operations.Count(Testing.Faults.SharedOperation.Connect));
    });

    [Fact]
    public void Each_load_has_a_scope_of_its_own_that_ends_with_it() => Caches.Run(async caches =>
    {
        var seen = new List<Row>();
        var provider = caches.Add(
            m => m.AddKeyspace<int, string>("one", k => k.Load<Row>((row, key, _) => new(row.Read(seen, key))))
                .AddKeyspace<int, string>("with", k => k.LoadWith<Row>((row, context, _) => new(LoadResult.Found(row.Read(seen, context.Key)))))
                .AddKeyspace<int, string>("many", k => k.LoadMany<Row>((row, keys, _) =>
                    new((IReadOnlyDictionary<int, string>)keys.ToDictionary(key => key, key => row.Read(seen, key))))),
            more: services => services.AddScoped<Row>());

        await provider.Keyspace<int, string>("one").GetManyAsync([1, 2]);
        await provider.Keyspace<int, string>("with").GetAsync(1);
        await provider.Keyspace<int, string>("many").GetManyAsync([1, 2]);

        Assert.Equal(5, seen.Count);
        Assert.Equal(4, seen.Distinct().Count());
        Assert.All(seen, row => Assert.True(row.IsDisposed));
        Assert.All(seen, row => Assert.False(row.WasDisposedWhenRead));
    });

    [Fact]
    public async Task What_is_the_callers_is_not_disposed()
    {
        var row = new Row();
        var tier = new InProcessSharedTier();
        var services = new ServiceCollection().AddSingleton(row);
        services.AddMillpond(m => m.UseSharedTier(_ => tier).AddKeyspace<int, string>("thing", k => k.Load<Row>((one, key, _) => new(one.Read([], key)))));
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IKeyspace<int, string>>().GetAsync(1);
        await provider.DisposeAsync();
        Assert.False(row.IsDisposed);

        var after = new ServiceCollection();
        after.AddMillpond(m => m.UseSharedTier(_ => tier).AddKeyspace<int, string>("thing", k => k.Load((key, _) => new("v" + key))));
        await using var other = after.BuildServiceProvider();
        Assert.Equal("v1", await other.GetRequiredService<IKeyspace<int, string>>().GetAsync(1));
    }

    private sealed class Row : IAsyncDisposable
    {
        public bool IsDisposed { get; private set; }

        public bool WasDisposedWhenRead { get; private set; }

        public string Read(List<Row> seen, int key)
        {
            WasDisposedWhenRead |= IsDisposed;
            seen.Add(this);
            return "v" + key;
        }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return default;
        }
    }
}
