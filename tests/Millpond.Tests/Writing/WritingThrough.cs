using Millpond.Tests.Rig;

namespace Millpond.Tests.Writing;

/// <summary>Keyspaces that know how their source is written.</summary>
public sealed class WritingThrough
{
    private const long Shared = 1 << 20;

    [Theory]
    [InlineData(0)]
    [InlineData(Shared)]
    public void A_write_reaches_the_source_and_is_read_everywhere_without_a_load(long sharedBytes) => Caches.Run(async caches =>
    {
        var source = new WrittenSource { [7] = "old" };
        var (here, there) = (source.AddTo(caches), source.AddTo(caches));
        Assert.Equal("old", await there.GetAsync(7));
        var result = await here.WriteAsync(7, "new");
        Assert.Equal((WriteResultKind.Written, "new"), (result.Kind, result.Value));
        Assert.Equal("new", source[7]);
        Assert.Equal("new", await here.GetAsync(7));
        Assert.Equal("new", await there.GetAsync(7));
        Assert.Equal(sharedBytes == 0 ? 2 : 1, source.Loads);
    }, sharedBytes);

    [Fact]
    public void What_the_source_made_of_the_value_is_what_is_kept() => Caches.Run(async caches =>
    {
        var source = new WrittenSource { Stored = value => value + " v2" };
        var things = source.AddTo(caches);
        Assert.Equal("new v2", (await things.WriteAsync(7, "new")).Value);
        Assert.Equal("new v2", await things.GetAsync(7));
        Assert.Equal(0, source.Loads);
    });

    [Fact]
    public void A_load_that_began_before_the_write_is_not_kept() => Caches.Run(async caches =>
    {
        var source = new WrittenSource { [7] = "old" };
        var (reader, writer) = (source.AddTo(caches), source.AddTo(caches));
        source.Hold();
        var read = reader.GetAsync(7).AsTask();
        caches.Settle();
        await writer.WriteAsync(7, "new");
        source.Release();
        Assert.Equal("old", await read);
        Assert.Equal("new", await reader.GetAsync(7));
        Assert.Equal("new", await writer.GetAsync(7));
    }, Shared);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_two_writers_the_older_value_never_stays(bool firstCommitsLast) => Caches.Run(async caches =>
    {
        var source = new WrittenSource { [7] = "old" };
        var (one, two, reader) = (source.AddTo(caches), source.AddTo(caches), source.AddTo(caches));
        source.HoldWrites();
        var first = one.WriteAsync(7, "first").AsTask();
        caches.Settle();
        var second = two.WriteAsync(7, "second").AsTask();
        caches.Settle();
        source.Commit(firstCommitsLast ? 1 : 0);
        source.Commit(0);
        await first;
        await second;
        Assert.Equal(source[7], await one.GetAsync(7));
        Assert.Equal(source[7], await two.GetAsync(7));
        Assert.Equal(source[7], await reader.GetAsync(7));
    }, Shared);

    [Fact]
    public void A_delete_takes_row_and_value_away() => Caches.Run(async caches =>
    {
        var source = new WrittenSource { [7] = "old" };
        var (here, there) = (source.AddTo(caches), source.AddTo(caches));
        Assert.Equal("old", await there.GetAsync(7));
        Assert.Equal(WriteResultKind.Written, (await here.DeleteAsync(7)).Kind);
        Assert.Null(source[7]);
        Assert.Null(await here.GetAsync(7));
        Assert.Null(await there.GetAsync(7));
    }, Shared);

    [Fact]
    public void What_was_certainly_not_written_leaves_the_cache_as_it_is() => Caches.Run(async caches =>
    {
        var source = new WrittenSource { [7] = "old", Refuses = true };
        var (here, there) = (source.AddTo(caches), source.AddTo(caches));
        Assert.Equal("old", await here.GetAsync(7));
        Assert.Equal("old", await there.GetAsync(7));
        var loads = source.Loads;
        Assert.Equal(WriteResultKind.NotWritten, (await here.WriteAsync(7, "new")).Kind);
        caches.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("old", await here.GetAsync(7));
        Assert.Equal("old", await there.GetAsync(7));
        Assert.Equal(loads, source.Loads);
        await here.InvalidateAsync(7);
        Assert.Equal("old", await there.GetAsync(7)); // The write lease was given back: nobody waits for it.
    }, Shared);

    [Fact]
    public void A_writer_that_throws_leaves_the_outcome_open_and_the_key_invalidated() => Caches.Run(async caches =>
    {
        var source = new WrittenSource { [7] = "old", Failure = new IOException("cut") };
        var things = source.AddTo(caches);
        Assert.Equal("old", await things.GetAsync(7));
        var failure = await Expect.Error(ErrorCode.WriteFailed, async () => await things.WriteAsync(7, "new"), "'thing'", "IOException", "not known");
        Assert.Same(source.Failure, failure.InnerException);
        source[7] = "new";
        Assert.Equal("new", await things.GetAsync(7));
    });

    [Fact]
    public void A15_a_commit_that_arrives_after_its_client_gave_up_is_seen_once_the_source_has_settled() => Caches.Run(async caches =>
    {
        var source = new WrittenSource { [7] = "old", Failure = new IOException("cut") };
        var (writer, reader) = (source.AddTo(caches), source.AddTo(caches));
        await Expect.Error(ErrorCode.WriteFailed, async () => await writer.WriteAsync(7, "new"));
        Assert.Equal("old", await reader.GetAsync(7));
        source[7] = "new"; // Its client has gone, the statement went on.
        caches.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal("old", await reader.GetAsync(7));
        caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("new", await reader.GetAsync(7));
        Assert.Equal("new", await writer.GetAsync(7));
    }, Shared);

    [Fact]
    public void A_writer_that_is_late_is_told_and_what_it_commits_afterwards_is_seen() => Caches.Run(async caches =>
    {
        var source = new WrittenSource { [7] = "old" };
        var things = source.AddTo(caches, k => k.Policy(p => p.WriteTimeout = TimeSpan.FromSeconds(3)));
        source.HoldWrites();
        await Expect.Error(ErrorCode.WriteTimedOut, async () => await things.WriteAsync(7, "new"), "3 s", "WriteTimeout");
        Assert.True(source.WriteToken.IsCancellationRequested);
        Assert.Equal("old", await things.GetAsync(7));
        source.Commit(0);
        caches.Settle();
        Assert.Equal("new", await things.GetAsync(7));
    });

    [Fact]
    public void A_write_whose_caller_stops_waiting_is_cancelled_and_its_key_invalidated() => Caches.Run(async caches =>
    {
        var source = new WrittenSource { [7] = "old" };
        var things = source.AddTo(caches);
        Assert.Equal("old", await things.GetAsync(7));
        using var stop = new CancellationTokenSource();
        source.HoldWrites();
        var write = things.WriteAsync(7, "new", null, stop.Token).AsTask();
        caches.Settle();
        stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        source.Commit(0);
        caches.Settle();
        Assert.Equal("new", await things.GetAsync(7));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await things.WriteAsync(7, "never", null, stop.Token));
        Assert.Equal("new", source[7]);
    });

    [Fact]
    public void A_shared_tier_that_is_away_fails_no_write() => Caches.Run(async caches =>
    {
        var source = new WrittenSource { [7] = "old" };
        var faulty = caches.Faulty();
        var (cut, other) = (source.AddTo(caches, tier: faulty), source.AddTo(caches));
        Assert.Equal("old", await cut.GetAsync(7));
        Assert.Equal("old", await other.GetAsync(7));
        faulty.Operations.IsDown = true;
        Assert.Equal(WriteResultKind.Written, (await cut.WriteAsync(7, "new")).Kind);
        Assert.Equal("new", await cut.GetAsync(7));
        faulty.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("new", await other.GetAsync(7));
    }, Shared);

    [Fact]
    public void A_value_that_cannot_be_kept_is_written_all_the_same() => Caches.Run(async caches =>
    {
        var source = new WrittenSource { [7] = "old" };
        var heard = new Heard();
        var things = source.AddTo(caches, k => k.Limits(l => l.ValueBytesMax = 1_000), heard: heard);
        Assert.Equal("old", await things.GetAsync(7));
        var large = new string('x', 2_000);
        Assert.Equal(WriteResultKind.Written, (await things.WriteAsync(7, large)).Kind);
        Assert.Equal(large, source[7]);
        Assert.Equal(large, await things.GetAsync(7));
        Assert.Equal(2, source.Loads);
    }, Shared);

    [Fact]
    public void A_source_that_leaves_very_many_writes_open_ends_in_one_change_of_the_keyspace() => Caches.Run(async caches =>
    {
        var source = new WrittenSource { Failure = new IOException("cut") };
        var things = source.AddTo(caches, k => k.Policy(p => p.WriteSettleTime = TimeSpan.FromSeconds(5)));
        for (var i = 0; i <= 10_000; i++)
        {
            var key = i;
            await Assert.ThrowsAsync<MillpondException>(async () => await things.WriteAsync(key, "new"));
        }

        Assert.Null(await things.GetAsync(10_000));
        Assert.Null(await things.GetAsync(20_000));
        (source[10_000], source[20_000]) = ("late", "late");
        Assert.Null(await things.GetAsync(10_000));
        caches.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("late", await things.GetAsync(10_000));
        Assert.Equal("late", await things.GetAsync(20_000));
    });

    [Fact]
    public void Without_a_writer_a_write_is_refused() => Caches.Run(async caches =>
    {
        var things = caches.Add(new Source());
        await Expect.Error(ErrorCode.NoWriter, async () => await things.WriteAsync(7, "new"), "'thing'", "Write(");
        await Expect.Error(ErrorCode.NoWriter, async () => await things.DeleteAsync(7));
        await Assert.ThrowsAsync<ArgumentNullException>(async () => await things.WriteAsync(7, null!));
    });

    [Fact]
    public void Writes_and_their_failures_are_counted() => Caches.Run(async caches =>
    {
        var source = new WrittenSource();
        var provider = caches.Add(m => m.AddKeyspace<int, string>("thing", source.Declare));
        var things = provider.Keyspace<int, string>("thing");
        await things.WriteAsync(1, "one");
        await things.DeleteAsync(1);
        source.Failure = new IOException();
        await Assert.ThrowsAsync<MillpondException>(async () => await things.WriteAsync(1, "two"));
        var counted = provider.Host().Statistics().Keyspaces.Single(one => one.Name == "thing");
        Assert.Equal((2, 1), (counted.Writes, counted.WriteFailures));
    });
}
