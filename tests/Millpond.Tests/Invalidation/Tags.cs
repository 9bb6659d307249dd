using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Invalidation;

/// <summary>One step makes stale whatever carries a tag, wherever the tag came from.</summary>
public sealed class Tags
{
    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void A_tag_reaches_what_carries_it_and_nothing_else(long sharedBytes) => Caches.Run(async caches =>
    {
        var source = new Source { [1] = "one", [2] = "two", [3] = "three" };
        void Declare(KeyspaceBuilder<int, string> k) => k.Tags((key, _) => key % 2 == 1 ? ["odd", "number"] : ["number"]);
        var (here, there) = (caches.Add(source, Declare), caches.Add(source, Declare));
        await here.GetManyAsync([1, 2, 3]);
        await there.GetManyAsync([1, 2, 3]);
        var loads = source.Loads;

        await there.InvalidateTagAsync("odd");
        (source[1], source[2]) = ("uno", "due");
        Assert.Equal("uno", await here.GetAsync(1));
        Assert.Equal("two", await here.GetAsync(2));
        Assert.Equal(loads + 1, source.Loads);

        await here.InvalidateTagAsync("nobody's");
        Assert.Equal("two", await here.GetAsync(2));
        await here.InvalidateTagAsync("number");
        Assert.Equal("due", await there.GetAsync(2));
    }, sharedBytes);

    [Fact]
    public void The_loader_and_the_caller_may_tag_too() => Caches.Run(async caches =>
    {
        var loads = 0;
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.LoadWith((context, _) =>
        {
            loads++;
            return new(LoadResult.Found("value") with { Tags = ["loaded"] });
        })));
        var (things, cache) = (provider.Keyspace<int, string>("thing"), provider.GetRequiredService<ICache>());
        await things.GetAsync(1);
        await things.InvalidateTagAsync("loaded");
        await things.GetAsync(1);
        Assert.Equal(2, loads);

        ValueTask<string?> Load(CancellationToken token) => new("v" + ++loads);
        await cache.GetOrLoadAsync("k", Load, new EntryOptions { Tags = ["called"] });
        await cache.InvalidateTagAsync("called");
        Assert.Equal("v4", await cache.GetOrLoadAsync("k", Load, new EntryOptions { Tags = ["called"] }));
        await cache.InvalidateAsync("k");
        Assert.Equal("v5", await cache.GetOrLoadAsync("k", Load));
        await cache.InvalidateTagAsync("called");
        Assert.Equal("v5", await cache.GetOrLoadAsync("k", Load));
    });

    [Fact]
    public void A_floor_over_a_value_that_may_be_served_stale_leaves_it_stale() => Caches.Run(async caches =>
    {
        var source = new Source { [1] = "old" };
        var things = caches.Add(source, k => k.Tags((_, _) => ["tag"])
            .Policy(p => (p.AfterInvalidation, p.StaleWhileRevalidate) = (Millpond.Shared.AfterInvalidation.Stale, TimeSpan.FromMinutes(1))));
        await things.GetAsync(1);
        source[1] = "new";
        await things.InvalidateTagAsync("tag");

        var reading = await things.ReadAsync(1);
        Assert.Equal(("old", StaleReason.ScopeInvalidated), (reading.Value, reading.Stale));
        caches.Settle();
        Assert.Equal("new", await things.GetAsync(1));
    });

    [Theory]
    [InlineData("", ErrorCode.KeyLength, "empty")]
    [InlineData("a\nb", ErrorCode.KeyCharacters, "U+000A")]
    public void A_tag_that_is_no_tag_invalidates_nothing(string tag, ErrorCode code, string said) => Caches.Run(async caches =>
    {
        var things = caches.Add(new Source { [1] = "one" });
        await Expect.Error(code, () => things.InvalidateTagAsync(tag), "tag", said);
        await Expect.Error(ErrorCode.KeyLength, () => things.InvalidateTagAsync(new string('x', 129)), "129 bytes", "128");
        await things.InvalidateTagAsync("fine");
    });

    [Fact]
    public void Everything_of_a_keyspace_goes_in_one_step() => Caches.Run(async caches =>
    {
        var source = new Source { [1] = "one", [2] = "two" };
        var (here, there) = (caches.Add(source), caches.Add(source));
        await here.GetManyAsync([1, 2]);
        await there.GetManyAsync([1, 2]);
        (source[1], source[2]) = ("uno", "due");

        await here.InvalidateAllAsync();

        Assert.Equal("uno", await there.GetAsync(1));
        Assert.Equal("due", await here.GetAsync(2));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Many_keys_go_in_one_round() => Caches.Run(async caches =>
    {
        var source = new Source { [1] = "one", [2] = "two", [3] = "three" };
        var tier = caches.Faulty();
        var things = caches.Add(source, tier: tier);
        await things.GetManyAsync([1, 2, 3]);
        await things.InvalidateManyAsync([1, 2, 2]);
        await things.InvalidateManyAsync([]);
        Assert.Equal(1, tier.Operations.Count(Testing.Faults.SharedOperation.Change));
        Assert.Equal([false, false, true], new[] { 1, 2, 3 }.Select(key => things.TryPeek(key, out _)));
    });
}
