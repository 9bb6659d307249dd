using Microsoft.Extensions.DependencyInjection;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Keyspaces;

/// <summary>The end of a cache: nobody hangs, and whoever comes later is told.</summary>
public sealed class Disposal
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_waits_for_a_load_is_told(bool isDeaf) => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven", IsDeaf = isDeaf };
        var provider = Add(caches, source);
        var things = provider.Keyspace<int, string>("thing");
        await things.GetAsync(1);
        source.Hold();
        using var patience = new CancellationTokenSource();
        Task[] waiting =
        [
            things.GetAsync(7).AsTask(), things.GetAsync(7).AsTask(), things.GetAsync(7, patience.Token).AsTask(), things.ReadAsync(7).AsTask(),
            things.GetManyAsync([7, 8]).AsTask(), things.ReadAsync(7, ReadOptions.AtMost(TimeSpan.Zero)).AsTask(),
        ];

        await provider.DisposeAsync();

        foreach (var one in waiting)
        {
            Assert.True(one.IsCompleted);
            await Expect.Error(ErrorCode.Disposed, () => new ValueTask(one), "'thing'", "disposed", "service provider");
        }

        Assert.True(source.Token.IsCancellationRequested);
        source.Release();
        caches.Settle();
    });

    [Fact]
    public void Every_later_call_is_told() => Caches.Run(async caches =>
    {
        var provider = Add(caches, new Source { [7] = "seven" });
        var (things, cache, handle) = (provider.Keyspace<int, string>("thing"), provider.GetRequiredService<ICache>(), provider.HandleOf("thing"));
        await things.GetAsync(7);
        await cache.SetAsync("k", "v");
        var ticket = await things.BeginWriteAsync(7);
        await provider.DisposeAsync();
        await provider.DisposeAsync();

        await Expect.Error(ErrorCode.Disposed, () => things.GetAsync(7));
        await Expect.Error(ErrorCode.Disposed, () => things.GetAsync(8));
        await Expect.Error(ErrorCode.Disposed, () => things.ReadAsync(7));
        await Expect.Error(ErrorCode.Disposed, () => things.GetManyAsync([7]));
        await Expect.Error(ErrorCode.Disposed, () => things.GetOrLoadAsync(7, (_, _) => new("x")));
        await Expect.Error(ErrorCode.Disposed, () => things.BeginWriteAsync(7));
        await Expect.Error(ErrorCode.Disposed, () => things.InvalidateAsync(7));
        await Expect.Error(ErrorCode.Disposed, () => things.InvalidateTagAsync("t"));
        await Expect.Error(ErrorCode.Disposed, () => things.InvalidateAllAsync());
        await Expect.Error(ErrorCode.Disposed, () => things.ExplainAsync(7));
        await Expect.Error(ErrorCode.Disposed, () => ticket.SetAsync("x"));
        await Expect.Error(ErrorCode.Disposed, () => cache.SetAsync("k", "v"));
        await Expect.Error(ErrorCode.Disposed, () => cache.GetAsync<string>("k"));
        await Expect.Error(ErrorCode.Disposed, () => cache.IncrementAsync("n"));
        Assert.False(things.TryPeek(7, out _));
        Assert.Equal((0, 0L), (handle.Entries, handle.Bytes));
    });

    [Fact]
    public void Who_waits_for_the_shared_tier_is_told() => Caches.Run(async caches =>
    {
        var tier = caches.Faulty();
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.AllowUnorderedSets().Load((key, _) => new("v" + key))), tier);
        var things = provider.Keyspace<int, string>("thing");
        await things.GetAsync(1);
        foreach (var operation in new[] { SharedOperation.Read, SharedOperation.Put, SharedOperation.Change, SharedOperation.Acquire })
        {
            _ = tier.Operations.Gate(operation, FaultPoint.BeforeEffect);
        }

        Task[] waiting =
        [
            things.GetAsync(7).AsTask(), things.SetAsync(8, "set").AsTask(), things.InvalidateAsync(1).AsTask(), things.InvalidateTagAsync("t").AsTask(),
            things.BeginWriteAsync(9).AsTask(),
        ];
        await provider.DisposeAsync();

        foreach (var one in waiting)
        {
            Assert.True(one.IsCompleted);
            await Expect.Error(ErrorCode.Disposed, () => new ValueTask(one));
        }
    });

    [Fact]
    public void A_ticket_may_outlive_its_cache() => Caches.Run(async caches =>
    {
        var provider = Add(caches, new Source());
        var ticket = await provider.Keyspace<int, string>("thing").BeginWriteAsync(7);
        await provider.DisposeAsync();
        await ticket.DisposeAsync();
    });

    [Fact]
    public async Task A_provider_may_be_disposed_synchronously()
    {
        var services = new ServiceCollection();
        services.AddMillpond(m => m.AddKeyspace<int, string>("thing", k => k.Load((key, _) => new("v" + key))));
        var provider = services.BuildServiceProvider();
        var things = provider.GetRequiredService<IKeyspace<int, string>>();
        await things.GetAsync(1);
        provider.Dispose();
        await Expect.Error(ErrorCode.Disposed, () => things.GetAsync(2));
    }

    private static ServiceProvider Add(Caches caches, Source source) =>
        caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Load(source.LoadAsync)));
}
