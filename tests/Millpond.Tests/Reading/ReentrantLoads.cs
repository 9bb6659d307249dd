using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>Loaders that read the cache they load for.</summary>
public sealed class ReentrantLoads
{
    [Fact]
    public void A_loader_may_read_another_key_of_its_keyspace() => Caches.Run(async caches =>
    {
        IKeyspace<int, string> things = null!;
        things = Chain(caches, async key => key == 0 ? "0" : key + await things.GetAsync(key - 1));
        Assert.Equal("3210", await things.GetAsync(3));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_loader_that_reads_its_own_key_is_told_at_once(bool strictly) => Caches.Run(async caches =>
    {
        IKeyspace<int, string> things = null!;
        var options = strictly ? ReadOptions.AtMost(TimeSpan.Zero) : default;
        things = Chain(caches, async key => (await things.ReadAsync(key, options)).Value);

        await Expect.Error(ErrorCode.LoadReadsItself, () => things.GetAsync(7), "'thing'", "reads the key that it loads", "another key");
        Assert.Equal(TimeSpan.Zero, caches.Clock.Elapsed);
    });

    [Fact]
    public void Loaders_that_read_each_others_keys_are_told_at_once() => Caches.Run(async caches =>
    {
        IKeyspace<int, string> things = null!;
        things = Chain(caches, async key => await things.GetAsync((key + 1) % 3));
        await Expect.Error(ErrorCode.LoadReadsItself, () => things.GetAsync(0), "reads the key that it loads");
        Assert.Equal(TimeSpan.Zero, caches.Clock.Elapsed);
    });

    [Fact]
    public void A_batch_that_reads_its_own_key_is_told_at_once() => Caches.Run(async caches =>
    {
        IKeyspace<int, string> things = null!;
        things = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.LoadMany(async (keys, token) => await things.GetManyAsync(keys, cancellationToken: token)))).Keyspace<int, string>("thing");
        await Expect.Error(ErrorCode.LoadReadsItself, () => things.GetManyAsync([1, 2]), "reads the key that it loads");
    });

    [Fact]
    public void Two_keyspaces_may_have_the_same_key() => Caches.Run(async caches =>
    {
        var provider = caches.Add(m => m
            .AddKeyspace<int, string>("inner", k => k.Load((key, _) => new("v" + key)))
            .AddKeyspace<int, string>("outer", k => k.Load<ICache>(async (cache, key, token) => await cache.Keyspace<int, string>("inner").GetAsync(key, token))));
        Assert.Equal("v7", await provider.Keyspace<int, string>("outer").GetAsync(7));
    });

    [Fact]
    public void Loads_within_loads_do_not_lock_each_other_out_of_a_source_with_one_place() => Caches.Run(async caches =>
    {
        IKeyspace<int, string> things = null!;
        var (inside, most) = (0, 0);
        var provider = caches.Add(m => m.Configure(o => o.Sources["default"].ConcurrentLoadsMax = 1).AddKeyspace<int, string>("thing", k => k.Load(async (key, token) =>
        {
            most = Math.Max(most, ++inside);
            inside -= key == 0 ? 0 : 1;
            var rest = key == 0 ? "" : await things.GetAsync(key - 1, token);
            inside -= key == 0 ? 1 : 0;
            return key + rest;
        })));
        things = provider.Keyspace<int, string>("thing");

        Assert.Equal("210", await things.GetAsync(2));
        Assert.Equal(TimeSpan.Zero, caches.Clock.Elapsed);
        Assert.Equal(1, most);
        Assert.Equal(0, provider.Host().Sources["default"].Inside);
    });

    private static IKeyspace<int, string> Chain(Caches caches, Func<int, Task<string?>> load) =>
        caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Load(async (key, _) => await load(key)))).Keyspace<int, string>("thing");
}
