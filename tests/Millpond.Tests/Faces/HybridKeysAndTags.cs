using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Faces;

public sealed class HybridKeysAndTags
{
    [Fact]
    public void Removing_reaches_one_key_or_many_in_every_process() => Caches.Run(async caches =>
    {
        var here = caches.AddHybrid();
        var there = caches.AddHybrid();
        foreach (var key in new[] { "one", "two", "three" })
        {
            await here.LoadAsync(key, "value");
            await there.LoadAsync(key, "unused");
        }

        await there.RemoveAsync("one");
        await there.RemoveAsync(["two", "never there", "two"]);
        await there.RemoveAsync((IEnumerable<string>)null!);

        Assert.Null(await here.LookAsync<string>("one"));
        Assert.Null(await here.LookAsync<string>("two"));
        Assert.Equal("value", await here.LookAsync<string>("three"));
    }, HybridRig.Shared);

    [Fact]
    public void Removing_by_tag_reaches_what_was_loaded_and_what_was_set_with_it() => Caches.Run(async caches =>
    {
        var here = caches.AddHybrid();
        var there = caches.AddHybrid();
        await here.GetOrCreateAsync("loaded", _ => new ValueTask<string>("value"), tags: ["red", "green"]);
        await here.SetAsync("set", "value", tags: ["red"]);
        await here.SetAsync("other", "value", tags: ["green"]);

        await there.RemoveByTagAsync("red");
        Assert.Null(await here.LookAsync<string>("loaded"));
        Assert.Null(await here.LookAsync<string>("set"));
        Assert.Equal("value", await here.LookAsync<string>("other"));

        await there.RemoveByTagAsync(["blue", "green"]);
        Assert.Null(await here.LookAsync<string>("other"));
    }, HybridRig.Shared);

    [Fact]
    public void The_tag_of_everything_removes_everything_and_is_on_nothing() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        await cache.LoadAsync("untagged", "value");
        await cache.SetAsync("tagged", "value", tags: ["red"]);

        await cache.RemoveByTagAsync("*");

        Assert.Null(await cache.LookAsync<string>("untagged"));
        Assert.Null(await cache.LookAsync<string>("tagged"));
        await Assert.ThrowsAsync<ArgumentException>(async () => await cache.SetAsync("key", "value", tags: ["*"]));
    });

    [Fact]
    public void A_tag_that_is_none_is_told_before_the_source_is_asked() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        var loads = 0;

        var failure = await Assert.ThrowsAsync<MillpondException>(async () => await cache.GetOrCreateAsync("key", _ => new ValueTask<int>(++loads), tags: [""]));

        Assert.Equal(ErrorCode.KeyLength, failure.Code);
        Assert.Equal(0, loads);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void For_a_key_that_no_tier_can_hold_the_factory_is_called_each_time(int tooLong) => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid(o => o.MaximumKeyLength = 10);
        var loads = 0;
        var key = tooLong == 1 ? new string('k', 11) : "line\nfeed";

        Assert.Equal(1, await cache.GetOrCreateAsync(key, _ => new ValueTask<int>(++loads)));
        await cache.SetAsync(key, 7);
        await cache.RemoveAsync(key);
        Assert.Equal(2, await cache.GetOrCreateAsync(key, _ => new ValueTask<int>(++loads)));
        Assert.Equal(0, await cache.LookAsync<int>(key));
        Assert.Equal(3, await cache.GetOrCreateAsync(new string('k', 10), _ => new ValueTask<int>(++loads)));
        Assert.Equal(3, await cache.GetOrCreateAsync(new string('k', 10), _ => new ValueTask<int>(++loads)));
    });

    [Fact]
    public void A_value_over_the_limit_is_returned_and_not_stored_nor_is_the_one_before_it() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid(o => o.MaximumPayloadBytes = 1000);
        var large = new string('x', 2000);

        Assert.Equal(large, await cache.LoadAsync("loaded", large));
        Assert.Null(await cache.LookAsync<string>("loaded"));
        Assert.Equal(2000, (await cache.GetOrCreateAsync("list", _ => new ValueTask<List<int>>([.. new int[2000]]))).Count);
        Assert.Null(await cache.LookAsync<List<int>>("list"));
        await cache.SetAsync("set", "small");
        await cache.SetAsync("set", large);
        Assert.Null(await cache.LookAsync<string>("set"));
    }, HybridRig.Shared);

    [Fact]
    public void What_the_factory_throws_arrives_as_it_was_thrown() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        var thrown = new TimeoutException("The source is slow.");

        Assert.Same(thrown, await Assert.ThrowsAsync<TimeoutException>(async () => await cache.GetOrCreateAsync<string>("key", _ => throw thrown)));
    });

    [Fact]
    public void A_load_is_cancelled_when_the_last_caller_has_gone() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        var gate = new TaskCompletionSource<string>();
        CancellationToken seen = default;
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        Task<string> Get(CancellationToken token) => cache.GetOrCreateAsync(
            "key",
            async load =>
            {
                seen = load;
                return await gate.Task;
            },
            cancellationToken: token).AsTask();
        Task[] callers = [Get(first.Token), Get(second.Token)];
        caches.Settle();

        first.Cancel();
        Assert.False(seen.IsCancellationRequested);
        second.Cancel();
        Assert.True(seen.IsCancellationRequested);
        foreach (var caller in callers)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller);
        }

        gate.SetResult("late");
    });

    [Fact]
    public void Its_settings_are_those_of_the_keyspace_hybrid() => Caches.Run(async caches =>
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Millpond:Keyspaces:hybrid:TimeToLive", "00:00:10"), new("Millpond:Keyspaces:hybrid:Jitter", "0")]).Build();
        var cache = caches.Add(m => m.AsHybridCache(), configuration: configuration).GetRequiredService<HybridCache>();
        await cache.LoadAsync("key", "value");

        caches.Advance(TimeSpan.FromSeconds(10));

        Assert.Null(await cache.LookAsync<string>("key"));
    });

    [Fact]
    public void Limits_out_of_range_are_faults_of_the_configuration() => Caches.Run(caches =>
    {
        var failure = Assert.Throws<MillpondException>(() => caches.AddHybrid(o => (o.MaximumPayloadBytes, o.MaximumKeyLength, o.CompressAbove) = (1L << 40, 0, -1)));

        Assert.Equal(ErrorCode.InvalidConfiguration, failure.Code);
        Assert.Contains("ValueBytesMax", failure.Message, StringComparison.Ordinal);
        Assert.Contains("KeyBytesMax", failure.Message, StringComparison.Ordinal);
        Assert.Contains("compresses above -1", failure.Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [Fact]
    public void A_named_cache_has_its_own_and_asking_twice_is_asking_once() => Caches.Run(async caches =>
    {
        var services = caches.Add(
            m => m.AsHybridCache(o => o.MaximumKeyLength = 5).AsHybridCache(o => o.Policy.Jitter = 0),
            more: s => s.AddMillpond("second", m => m.AsHybridCache()));
        var first = services.GetRequiredService<HybridCache>();
        var second = services.GetRequiredKeyedService<HybridCache>("second");

        await first.SetAsync("key", "first");
        await second.SetAsync("key", "second");

        Assert.Equal("first", await first.LookAsync<string>("key"));
        Assert.Equal("second", await second.LookAsync<string>("key"));
        await first.SetAsync("longer", "value");
        Assert.Null(await first.LookAsync<string>("longer"));
    });
}
