using Millpond.Events;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>Loaders that throw, hang, answer nonsense: each a clear error, and the next call works.</summary>
public sealed class FailingLoads
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_loader_that_throws_fails_its_callers_and_the_next_call_loads_again() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven", Failure = new InvalidOperationException("the source is down") };
        var heard = new Heard();
        var things = caches.Add(source, heard: heard);

        var error = await Expect.Error(ErrorCode.LoadFailed, () => things.GetAsync(7), "'thing'", "InvalidOperationException", "StaleIfError");
        Assert.Same(source.Failure, error.InnerException);
        Assert.Equal("thing", error.Keyspace);
        Assert.Same(source.Failure, Assert.Single(heard.All<LoadEnded>()).Failure);

        source.Failure = null;
        Assert.Equal("seven", await things.GetAsync(7));
    });

    [Fact]
    public void A_loader_that_throws_before_its_first_await_is_no_different() => Caches.Run(async caches =>
    {
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Load((_, _) => throw new InvalidOperationException())));
        await Expect.Error(ErrorCode.LoadFailed, () => provider.Keyspace<int, string>("thing").GetAsync(7));
    });

    [Fact]
    public void A_loader_that_cancels_by_itself_has_failed() => Caches.Run(async caches =>
    {
        var source = new Source { Failure = new OperationCanceledException("a token of its own") };
        var things = caches.Add(source);
        await Expect.Error(ErrorCode.LoadFailed, () => things.GetAsync(7), "OperationCanceledException");
    });

    [Fact]
    public void All_callers_of_a_failed_load_are_told() => Caches.Run(async caches =>
    {
        var source = new Source { Failure = new InvalidOperationException() };
        var things = caches.Add(source);
        source.Hold();
        Task<string?>[] callers = [.. Enumerable.Range(0, 10).Select(_ => things.GetAsync(7).AsTask())];
        source.Release();

        foreach (var caller in callers)
        {
            await Expect.Error(ErrorCode.LoadFailed, () => new ValueTask<string?>(caller));
        }

        Assert.Equal(1, source.Loads);
    });

    [Fact]
    public void A_stale_value_is_served_when_the_load_fails() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.TimeToLive(Minute).Policy(p => p.StaleIfError = Minute));
        await things.GetAsync(7);
        source.Failure = new InvalidOperationException();

        caches.Advance(TimeSpan.FromSeconds(90));
        var reading = await things.ReadAsync(7);
        Assert.Equal(("old", StaleReason.Expired), (reading.Value, reading.Stale));
        Assert.Equal(2, source.Loads);

        caches.Advance(TimeSpan.FromSeconds(30));
        await Expect.Error(ErrorCode.LoadFailed, () => things.GetAsync(7));
    });

    [Fact]
    public void A_stale_value_of_the_shared_tier_is_served_when_the_load_fails() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        void Declare(KeyspaceBuilder<int, string> k) => k.TimeToLive(Minute).Policy(p => p.StaleIfError = Minute);
        await caches.Add(source, Declare).GetAsync(7);
        source.Failure = new InvalidOperationException();
        caches.Advance(TimeSpan.FromSeconds(90));

        Assert.Equal("old", await caches.Add(source, Declare).GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_slow_load_gets_its_caller_the_stale_value_and_goes_on() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.TimeToLive(Minute).Policy(p => (p.StaleIfError, p.SoftTimeout) = (Minute, TimeSpan.FromSeconds(1))));
        await things.GetAsync(7);
        source[7] = "new";
        caches.Advance(TimeSpan.FromSeconds(70));
        source.Hold();

        var read = things.ReadAsync(7).AsTask();
        caches.Advance(TimeSpan.FromSeconds(0.9));
        Assert.False(read.IsCompleted);
        caches.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(("old", StaleReason.Expired), ((await read).Value, (await read).Stale));

        source.Release();
        caches.Settle();
        Assert.Equal("new", await things.GetAsync(7));
        Assert.Equal(2, source.Loads);
    });

    [Fact]
    public void A_slow_load_gets_its_caller_the_stale_value_of_the_shared_tier() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        void Declare(KeyspaceBuilder<int, string> k) =>
            k.TimeToLive(Minute).Policy(p => (p.StaleIfError, p.SoftTimeout) = (Minute, TimeSpan.FromSeconds(1)));
        await caches.Add(source, Declare).GetAsync(7);
        caches.Advance(TimeSpan.FromSeconds(70));
        source.Hold();

        var read = caches.Add(source, Declare).GetAsync(7).AsTask();
        caches.Advance(TimeSpan.FromSeconds(1));
        Assert.True(read.IsCompleted);
        Assert.Equal("old", await read);
        source.Release();
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_load_in_time_for_the_soft_time_out_is_answered_fresh() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.TimeToLive(Minute).Policy(p => (p.StaleIfError, p.SoftTimeout) = (Minute, TimeSpan.FromSeconds(1))));
        await things.GetAsync(7);
        source[7] = "new";
        caches.Advance(TimeSpan.FromSeconds(70));
        source.Hold();

        var read = things.GetAsync(7).AsTask();
        caches.Advance(TimeSpan.FromSeconds(0.5));
        source.Release();
        Assert.Equal("new", await read);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_loader_that_hangs_fails_at_its_time_whether_or_not_it_looks_at_its_token(bool isDeaf) => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "late", IsDeaf = isDeaf };
        var things = caches.Add(source, k => k.Policy(p => p.LoadTimeout = TimeSpan.FromSeconds(2)));
        source.Hold();

        var read = things.GetAsync(7).AsTask();
        caches.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(read.IsCompleted);
        caches.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(read.IsCompleted);
        await Expect.Error(ErrorCode.LoadTimedOut, () => new ValueTask<string?>(read), "'thing'", "LoadTimeout of 2 s", "raise LoadTimeout");
        Assert.True(source.Token.IsCancellationRequested);

        source[7] = "in time";
        source.Release();
        caches.Settle();
        Assert.Equal("in time", await things.GetAsync(7));
    });

    [Fact]
    public void A_loader_that_returns_null_says_that_there_is_no_such_row() => Caches.Run(async caches =>
    {
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.LoadWith((_, _) => new(LoadResult.Found<string>(null!)))));
        Assert.False((await provider.Keyspace<int, string>("thing").ReadAsync(7)).Found);
    });

    [Fact]
    public void A_batch_loader_that_returns_null_is_told_what_to_return() => Caches.Run(async caches =>
    {
        var source = new Source { [1] = "one", [2] = "two" };
        var broken = true;
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.LoadMany((keys, token) => broken ? new((IReadOnlyDictionary<int, string>)null!) : source.LoadManyAsync(keys, token))));
        var things = provider.Keyspace<int, string>("thing");

        await Expect.Error(ErrorCode.LoaderAnswer, () => things.GetManyAsync([1, 2]), "'thing'", "returned null", "Return a dictionary");
        await Expect.Error(ErrorCode.LoaderAnswer, () => things.GetAsync(1));
        broken = false;
        Assert.Equal(2, (await things.GetManyAsync([1, 2])).Count);
    });

    [Fact]
    public void A_tag_function_that_throws_fails_the_load_and_is_named() => Caches.Run(async caches =>
    {
        var broken = true;
        var things = caches.Add(new Source { [7] = "seven" }, k => k.Tags((_, _) => broken ? throw new FormatException() : ["tag"]));

        await Expect.Error(ErrorCode.LoadFailed, () => things.GetAsync(7), "'thing'", "tag function", "FormatException");
        broken = false;
        Assert.Equal("seven", await things.GetAsync(7));
    });

    [Fact]
    public void A_tag_that_is_no_tag_fails_the_load() => Caches.Run(async caches =>
    {
        var tag = "new\nline";
        var things = caches.Add(new Source { [7] = "seven" }, k => k.Tags((_, _) => [tag]));
        await Expect.Error(ErrorCode.KeyCharacters, () => things.GetAsync(7), "U+000A");
        tag = "";
        await Expect.Error(ErrorCode.KeyLength, () => things.GetAsync(7), "tag", "empty");
        tag = "fine";
        Assert.Equal("seven", await things.GetAsync(7));
    });

    [Fact]
    public void Too_many_tags_fail_the_load() => Caches.Run(async caches =>
    {
        var things = caches.Add(new Source { [7] = "seven" }, k => k.Tags((_, _) => ["a", "b", "c", "a"]).Limits(l => l.TagsMax = 2));
        await Expect.Error(ErrorCode.TooMany, () => things.GetAsync(7), "3 tags", "TagsMax of 2", "raise TagsMax");
        var more = caches.Add(new Source { [7] = "seven" }, k => k.Tags((_, _) => ["a", "b", "c", "a"]).Limits(l => l.TagsMax = 3));
        Assert.Equal("seven", await more.GetAsync(7));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void A_weigher_that_throws_fails_the_load_and_is_named(long sharedBytes) => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var sound = caches.Add(source);
        await sound.GetAsync(7);
        var things = caches.Add(source, k => k.Weigh((_, _) => throw new FormatException()));
        var reading = await Record.ExceptionAsync(() => things.GetAsync(7).AsTask());
        var error = Assert.IsType<MillpondException>(reading);
        Assert.Equal(ErrorCode.LoadFailed, error.Code);
        Assert.Contains("weigh function", error.Message, StringComparison.Ordinal);
    }, sharedBytes);

    [Theory]
    [InlineData(-5)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_weigher_out_of_its_mind_does_not_upset_the_sum(long weight) => Caches.Run(async caches =>
    {
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Load((key, _) => new("v" + key)).Weigh((_, _) => weight)));
        var things = provider.Keyspace<int, string>("thing");
        Assert.Equal("v1", await things.GetAsync(1));
        Assert.Equal("v1", await things.GetAsync(1));
        Assert.InRange(provider.HandleOf("thing").Bytes, 0, 64 << 20);
        Assert.Equal(provider.HandleOf("thing").Entries > 0, provider.HandleOf("thing").Bytes > 0);
    });
}
