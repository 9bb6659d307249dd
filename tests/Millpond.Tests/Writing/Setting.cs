using Millpond.Events;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Writing;

/// <summary>Values that callers set: plainly where the cache is the source of truth, under a ticket where it is not.</summary>
public sealed class Setting
{
    private static IKeyspace<int, string> Aside(Caches caches, Action<KeyspaceBuilder<int, string>>? declare = null) =>
        caches.Add(m => m.AddKeyspace<int, string>("thing", k =>
        {
            k.Policy(p => p.Jitter = 0);
            declare?.Invoke(k);
        })).Keyspace<int, string>("thing");

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void Cache_aside_gets_what_was_set_until_it_is_invalidated(long sharedBytes) => Caches.Run(async caches =>
    {
        var things = Aside(caches, k => k.TimeToLive(TimeSpan.FromMinutes(1)));
        Assert.Null(await things.GetAsync(7));

        await things.SetAsync(7, "seven");
        Assert.Equal("seven", await things.GetAsync(7));
        await things.SetAsync(7, "again");
        Assert.Equal("again", await things.GetAsync(7));
        await things.InvalidateAsync(7);
        Assert.Null(await things.GetAsync(7));

        await things.SetAsync(7, "last");
        caches.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await things.GetAsync(7));
    }, sharedBytes);

    [Fact]
    public void What_one_process_sets_another_reads() => Caches.Run(async caches =>
    {
        var (here, there) = (Aside(caches), Aside(caches));
        await there.SetAsync(7, "old");
        Assert.Equal("old", await here.GetAsync(7));
        await there.SetAsync(7, "new");
        Assert.Equal("new", await here.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void An_entry_may_have_its_own_time_tags_and_sliding() => Caches.Run(async caches =>
    {
        var things = Aside(caches);
        await things.SetAsync(1, "time", new EntryOptions { TimeToLive = TimeSpan.FromSeconds(10) });
        await things.SetAsync(2, "tags", new EntryOptions { Tags = ["red"] });
        await things.SetAsync(3, "slides", new EntryOptions { Sliding = TimeSpan.FromSeconds(5) });
        await things.SetAsync(4, "plain");

        await things.InvalidateTagAsync("red");
        Assert.Null(await things.GetAsync(2));
        caches.Advance(TimeSpan.FromSeconds(6));
        Assert.Null(await things.GetAsync(3));
        Assert.Equal("time", await things.GetAsync(1));
        caches.Advance(TimeSpan.FromSeconds(4));
        Assert.Null(await things.GetAsync(1));
        Assert.Equal("plain", await things.GetAsync(4));
    });

    [Fact]
    public void A_keyspace_with_a_loader_refuses_a_plain_set() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var things = caches.Add(source);
        await Expect.Error(ErrorCode.UnorderedSet, () => things.SetAsync(7, "set"), "'thing'", "BeginWriteAsync", "AllowUnorderedSets");
        Assert.Equal("seven", await things.GetAsync(7));

        var allowed = caches.Add(source, k => k.AllowUnorderedSets());
        await allowed.SetAsync(7, "set");
        Assert.Equal("set", await allowed.GetAsync(7));
    });

    [Fact]
    public void Nothing_is_no_value() => Caches.Run(async caches =>
    {
        var things = Aside(caches);
        await Assert.ThrowsAsync<ArgumentNullException>(() => things.SetAsync(7, null!).AsTask());
        await using var ticket = await things.BeginWriteAsync(7);
        await Assert.ThrowsAsync<ArgumentNullException>(() => ticket.SetAsync(null!).AsTask());
        Assert.True(await ticket.SetAsync("seven"));
    });

    [Fact]
    public void Under_a_ticket_the_committed_value_is_stored_for_all() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var (here, there) = (caches.Add(source), caches.Add(source));
        await here.GetAsync(7);
        await there.GetAsync(7);

        await using (var ticket = await here.BeginWriteAsync(7))
        {
            source[7] = "new";
            Assert.True(await ticket.SetAsync("new", new EntryOptions { Tags = ["red"] }));
        }

        Assert.Equal("new", await here.GetAsync(7));
        Assert.Equal("new", await there.GetAsync(7));
        Assert.Equal(1, source.Loads);
        await there.InvalidateTagAsync("red");
        await here.GetAsync(7);
        Assert.Equal(2, source.Loads);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_ticket_that_is_given_up_invalidates_its_key() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source);
        await things.GetAsync(7);
        await using (await things.BeginWriteAsync(7))
        {
            source[7] = "new";
        }

        Assert.Equal("new", await things.GetAsync(7));
    });

    [Fact]
    public void Of_two_overlapping_writers_only_the_last_to_begin_may_store() => Caches.Run(async caches =>
    {
        var source = new Source();
        var (here, there) = (caches.Add(source), caches.Add(source));
        var first = await here.BeginWriteAsync(7);
        var second = await there.BeginWriteAsync(7);
        source[7] = "second";

        Assert.True(await second.SetAsync("second"));
        Assert.False(await first.SetAsync("first"));
        Assert.Equal("second", await here.GetAsync(7));
        Assert.Equal("second", await there.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_ticket_is_used_once() => Caches.Run(async caches =>
    {
        var things = Aside(caches);
        var ticket = await things.BeginWriteAsync(7);
        await ticket.SetAsync("seven");
        var again = await Assert.ThrowsAsync<InvalidOperationException>(() => ticket.SetAsync("again").AsTask());
        Assert.Contains("one ticket for each write", again.Message, StringComparison.Ordinal);
        await ticket.DisposeAsync();
        await ticket.DisposeAsync();
        Assert.Equal("seven", await things.GetAsync(7));
    });

    [Fact]
    public void A_ticket_that_outlived_its_lease_invalidates() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.Policy(p => p.LoadTimeout = TimeSpan.FromSeconds(2)).Limits(l => l.LeaseMargin = TimeSpan.FromSeconds(1)));
        var ticket = await things.BeginWriteAsync(7);
        caches.Advance(TimeSpan.FromSeconds(7)); // Three seconds of signs of life, and as long as the last of them counts.
        source[7] = "new";
        Assert.False(await ticket.SetAsync("new"));
        Assert.Equal("new", await things.GetAsync(7));
        Assert.Equal(1, source.Loads);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void A_value_over_the_limit_is_refused_when_set_and_the_key_stays_as_it_was(long sharedBytes) => Caches.Run(async caches =>
    {
        var things = Aside(caches, k => k.Limits(l => l.ValueBytesMax = 1000));
        await things.SetAsync(7, "small");
        await Expect.Error(ErrorCode.ValueSize, () => things.SetAsync(7, new string('x', 2000)), "'thing'", "1000", "ValueBytesMax");
        Assert.Equal("small", await things.GetAsync(7));
        await things.SetAsync(7, "fits");
        Assert.Equal("fits", await things.GetAsync(7));
    }, sharedBytes);

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void A_value_over_the_limit_under_a_ticket_invalidates_the_key(long sharedBytes) => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.Limits(l => l.ValueBytesMax = 1000));
        await things.GetAsync(7);
        var ticket = await things.BeginWriteAsync(7);
        source[7] = "new";
        await Expect.Error(ErrorCode.ValueSize, () => ticket.SetAsync(new string('x', 2000)));
        Assert.Equal("new", await things.GetAsync(7));
    }, sharedBytes);

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void A_loaded_value_over_the_limit_is_answered_and_not_kept_and_told(long sharedBytes) => Caches.Run(async caches =>
    {
        var source = new Source { [7] = new string('x', 2000) };
        var heard = new Heard();
        var things = caches.Add(source, k => k.Limits(l => l.ValueBytesMax = 1000), heard: heard);

        Assert.Equal(2000, (await things.GetAsync(7))!.Length);
        Assert.False(things.TryPeek(7, out _));
        Assert.Equal(2000, (await things.GetAsync(7))!.Length);
        Assert.Equal(2, source.Loads);
        var told = Assert.IsType<MillpondException>(heard.All<ValueNotStored>().First().Failure);
        Assert.Equal(ErrorCode.ValueSize, told.Code);

        source[7] = "small";
        await things.GetAsync(7);
        Assert.True(things.TryPeek(7, out _));
    }, sharedBytes);

    [Fact]
    public void A_cancelled_caller_sets_nothing_before_the_call() => Caches.Run(async caches =>
    {
        var things = Aside(caches);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => things.SetAsync(7, "seven", null, new CancellationToken(canceled: true)).AsTask());
        Assert.Null(await things.GetAsync(7));
    });
}
