using Millpond.Tests.Rig;

namespace Millpond.Tests.Keyspaces;

public sealed class Versions
{
    [Fact]
    public void Another_version_sees_nothing_of_this_one_and_changes_nothing_of_it() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "shape one" };
        var before = caches.Add(source);
        await before.GetAsync(7);
        source[7] = "shape two";

        var after = caches.Add(source, k => k.Version(2));
        Assert.Equal((1, 2), (before.Version, after.Version));
        Assert.Equal("shape two", await after.GetAsync(7));
        await after.InvalidateAllAsync();
        Assert.Equal("shape one", await before.GetAsync(7));
        Assert.Equal(ReadOrigin.Shared, (await caches.Add(source).ReadAsync(7)).Origin);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Another_prefix_is_another_world() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "test" };
        var test = caches.Add(m => m.Configure(o => o.Prefix = "test").AddKeyspace<int, string>("thing", k => k.Load(source.LoadAsync))).Keyspace<int, string>("thing");
        await test.GetAsync(7);
        source[7] = "production";
        var production = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Load(source.LoadAsync))).Keyspace<int, string>("thing");

        Assert.Equal("production", await production.GetAsync(7));
        await production.InvalidateAllAsync();
        Assert.Equal("test", await test.GetAsync(7));
    }, sharedBytes: 1 << 20);
}
