using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Keyspaces;

/// <summary>What a keyspace lets in, and the small doors beside the roads.</summary>
public sealed class Doors
{
    private static IKeyspace<string, string> Texts(Caches caches, Action<KeyspaceBuilder<string, string>>? more = null) =>
        caches.Add(m => m.AddKeyspace<string, string>("text", k =>
        {
            k.Load((key, _) => new("v:" + key));
            more?.Invoke(k);
        })).Keyspace<string, string>("text");

    [Fact]
    public void A_key_over_the_limit_is_refused_and_one_within_it_works() => Caches.Run(async caches =>
    {
        var texts = Texts(caches);
        await Expect.Error(ErrorCode.KeyLength, () => texts.GetAsync(new string('x', 251)), "251 bytes", "KeyBytesMax of 250", "'text'", "raise KeyBytesMax");
        await Expect.Error(ErrorCode.KeyLength, () => texts.GetAsync(new string('é', 126)), "252 bytes");
        Assert.StartsWith("v:", await texts.GetAsync(new string('x', 250)), StringComparison.Ordinal);
        var roomy = Texts(caches, k => k.Limits(l => l.KeyBytesMax = 251));
        Assert.StartsWith("v:", await roomy.GetAsync(new string('x', 251)), StringComparison.Ordinal);
    });

    [Fact]
    public void A_key_of_absurd_length_is_refused_without_being_copied() => Caches.Run(async caches =>
    {
        var texts = Texts(caches);
        await texts.GetAsync("warm");
        var absurd = new string('\u00e9', 100_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        await Expect.Error(ErrorCode.KeyLength, () => texts.GetAsync(absurd), "KeyBytesMax of 250");
        await Expect.Error(ErrorCode.KeyLength, () => texts.InvalidateAsync(absurd));
        await Expect.Error(ErrorCode.KeyLength, () => texts.GetManyAsync(["a", absurd]));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    });

    [Theory]
    [InlineData("", ErrorCode.KeyLength, "empty")]
    [InlineData("a\0b", ErrorCode.KeyCharacters, "U+0000 at position 1")]
    [InlineData("a\r\nb", ErrorCode.KeyCharacters, "U+000D")]
    [InlineData("\u0085", ErrorCode.KeyCharacters, "U+0085")]
    [InlineData("\u2028", ErrorCode.KeyCharacters, "U+2028")]
    public void A_hostile_key_is_refused_at_every_door(string key, ErrorCode code, string said) => Caches.Run(async caches =>
    {
        var provider = caches.Add(m => m.AddKeyspace<string, string>("text", k => k.AllowUnorderedSets().Load((one, _) => new("v:" + one))));
        var texts = provider.Keyspace<string, string>("text");
        await Refused(caches, texts, key, code, said);
        await Expect.Error(code, () => provider.GetRequiredService<ICache>().GetOrLoadAsync(key, _ => new ValueTask<string?>("x")), said);
        await Expect.Error(code, () => provider.GetRequiredService<ICache>().SetAsync(key, "x"), said);
        Assert.False(texts.TryPeek(key, out _));
        Assert.Equal("v:fine", await texts.GetAsync("fine"));
    });

    [Theory]
    [InlineData(0xD800, "U+D800")]
    [InlineData(0xDC00, "U+DC00")]
    public void Half_a_character_is_refused_at_every_door(int half, string said) => Caches.Run(async caches =>
        await Refused(caches, Texts(caches, k => k.AllowUnorderedSets()), "a" + (char)half, ErrorCode.KeyCharacters, said));

    [Fact]
    public void Separators_lead_into_no_other_keyspace() => Caches.Run(async caches =>
    {
        var provider = caches.Add(m => m
            .AddKeyspace<string, string>("a", k => k.Load((key, _) => new("a/" + key)))
            .AddKeyspace<string, string>("b", k => k.Load((key, _) => new("b/" + key))));
        string[] keys = ["x", ":x", "v1:x", "../b:v1:x", "millpond:b:v1:x", "x#0", "{x}", "%", "%25", "x y"];
        foreach (var key in keys)
        {
            Assert.Equal("a/" + key, await provider.Keyspace<string, string>("a").GetAsync(key));
            Assert.Equal("b/" + key, await provider.Keyspace<string, string>("b").GetAsync(key));
        }
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_key_type_may_bring_its_own_text() => Caches.Run(async caches =>
    {
        var provider = caches.Add(m => m.AddKeyspace<Version, string>("text", k => k
            .KeyText(version => version.ToString(), Version.Parse).Load((key, _) => new("v" + key))));
        var versions = provider.Keyspace<Version, string>("text");
        Assert.Equal("v1.2", await versions.GetAsync(new Version(1, 2)));
        Assert.Equal("1.2", (await versions.ExplainAsync(new Version(1, 2))).Key);
    });

    [Fact]
    public void Peeking_looks_here_and_nowhere_else() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.TimeToLive(TimeSpan.FromMinutes(1))
            .Policy(p => (p.Jitter, p.StaleWhileRevalidate) = (0, TimeSpan.FromMinutes(1))).Load(source.LoadAsync)));
        var things = provider.Keyspace<int, string>("thing");
        Assert.False(things.TryPeek(7, out _));
        await caches.Add(source, k => k.TimeToLive(TimeSpan.FromMinutes(1))).GetAsync(7);
        Assert.False(things.TryPeek(7, out _));
        await things.GetAsync(7);
        Assert.True(things.TryPeek(7, out var value));
        Assert.Equal("seven", value);
        caches.Advance(TimeSpan.FromMinutes(1));
        Assert.False(things.TryPeek(7, out _));
        Assert.Equal(0, provider.HandleOf("thing").Counters.Hits(ReadOrigin.Local, false, false));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_caller_may_bring_the_loader() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "the keyspace's" };
        var things = caches.Add(source);
        Assert.Equal("the caller's", await things.GetOrLoadAsync(7, (context, _) => new(LoadResult.Found("the caller's"))));
        Assert.Equal("the caller's", await things.GetAsync(7));
        Assert.Equal("the caller's", await things.GetOrLoadAsync(7, (_, _) => throw new InvalidOperationException()));
        await Expect.Error(ErrorCode.LoadFailed, () => things.GetOrLoadAsync(8, (_, _) => throw new InvalidOperationException()));
        Assert.Equal(0, source.Loads);
    });

    [Fact]
    public void Counters_count_for_all_processes_and_end_with_their_time() => Caches.Run(async caches =>
    {
        var (here, there) = (caches.Add(_ => { }).GetRequiredService<ICache>(), caches.Add(_ => { }).GetRequiredService<ICache>());
        Assert.Equal(1, await here.IncrementAsync("n", timeToLive: TimeSpan.FromSeconds(10)));
        Assert.Equal(6, await there.IncrementAsync("n", 5, TimeSpan.FromHours(1)));
        Assert.Equal(4, await here.IncrementAsync("n", -2));
        Assert.Null(await here.GetAsync<string>("n"));
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, await here.IncrementAsync("n"));
        await Expect.Error(ErrorCode.KeyCharacters, () => here.IncrementAsync("a\0"));
    });

    [Fact]
    public void One_key_has_one_type() => Caches.Run(async caches =>
    {
        var cache = caches.Add(_ => { }).GetRequiredService<ICache>();
        await cache.SetAsync("k", 42);
        await Expect.Error(ErrorCode.ValueType, () => cache.GetAsync<string>("k"), "Int32", "String", "one type for each key");
        Assert.Equal(42, await cache.GetAsync<int>("k"));
    });

    [Fact]
    public void Whoever_has_cancelled_already_gets_nothing_done() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source, k => k.AllowUnorderedSets());
        var gone = new CancellationToken(canceled: true);
        Func<Task>[] calls =
        [
            () => things.GetAsync(7, gone).AsTask(), () => things.ReadAsync(7, default, gone).AsTask(), () => things.GetManyAsync([7], default, gone).AsTask(),
            () => things.BeginWriteAsync(7, gone).AsTask(), () => things.SetAsync(7, "set", null, gone).AsTask(),
        ];
        foreach (var call in calls)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(call);
        }

        Assert.Equal(0, source.Loads);
        Assert.Equal("seven", await things.GetAsync(7));
        Assert.Equal("seven", await things.GetAsync(7, gone));
    });

    [Fact]
    public void An_invalidation_is_made_although_its_caller_has_gone() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source);
        await things.GetAsync(7);
        source[7] = "new";
        _ = await Record.ExceptionAsync(() => things.InvalidateAsync(7, new CancellationToken(canceled: true)).AsTask());
        Assert.Equal("new", await things.GetAsync(7));
    });

    [Fact]
    public void A_keyspace_without_a_loader_is_not_asked_for_a_load() => Caches.Run(async caches =>
    {
        var things = caches.Add(m => m.AddKeyspace<int, string>("thing", _ => { })).Keyspace<int, string>("thing");
        Assert.Null(await things.GetAsync(7));
        Assert.False((await things.ReadAsync(7, ReadOptions.AtMost(TimeSpan.Zero))).Found);
        Assert.Empty(await things.GetManyAsync([1, 2]));
    });

    private static async Task Refused(Caches caches, IKeyspace<string, string> texts, string key, ErrorCode code, string said)
    {
        await Expect.Error(code, () => texts.GetAsync(key), said, "'text'");
        await Expect.Error(code, () => texts.ReadAsync(key), said);
        await Expect.Error(code, () => texts.GetManyAsync([key]), said);
        await Expect.Error(code, () => texts.SetAsync(key, "x"), said);
        await Expect.Error(code, () => texts.InvalidateAsync(key), said);
        await Expect.Error(code, () => texts.InvalidateManyAsync(["a", key]), said);
        await Expect.Error(code, () => texts.BeginWriteAsync(key), said);
        await Expect.Error(code, () => texts.ExplainAsync(key), said);
        Assert.Equal(TimeSpan.Zero, caches.Clock.Elapsed);
    }
}
