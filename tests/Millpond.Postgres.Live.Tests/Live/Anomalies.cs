using Millpond.Feeds;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>Late, early, lost and repeated changes with a real PostgreSQL, a real shared tier and real processes that die.</summary>
public sealed class Anomalies
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A14_A17_write_past_the_application()
    {
        await using var world = await World.StartAsync();
        var (here, there) = (await world.AddAsync(follows: true), await world.AddAsync());
        Assert.Equal(("0", "0"), (await here.GetAsync(1), await there.GetAsync(1)));
        await Database.RunAsync(world.Database, "update things set version = 7 where id = 1", "delete from things where id = 2", "insert into things values (99, 9)");
        await World.UntilAsync(() => !here.TryPeek(1, out _) && !there.TryPeek(1, out _), "both let go of it");
        Assert.Equal(("7", "7"), (await here.GetAsync(1), await there.GetAsync(1)));
        await world.QuietAsync(Bound);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A67_event_before_visibility(bool hasSynchronousStandby)
    {
        await using var world = await World.StartAsync("synchronous_commit=remote_apply");
        if (hasSynchronousStandby)
        {
            // A commit is told when it is flushed, and shown when the standby has applied it: for so long every load reads the row from before.
            await world.AddStandbyAsync("behind", "recovery_min_apply_delay=40ms");
            await world.Database.WaitForStandbyAsync("behind");
        }

        // Slow loads: the row is read, and filled up to 30 milliseconds later.
        world.LoadTime = TimeSpan.FromMilliseconds(30);
        await world.AddAsync(follows: true);
        await world.AddAsync();
        var writes = await Traffic.RunAsync(world, TimeSpan.FromSeconds(8), TimeSpan.Zero, _ => Task.CompletedTask);
        Assert.True(writes > 100, $"{writes} writes");

        // The last change of each row has nobody behind it who would mend what it left.
        await Task.Delay(500);
        Assert.Empty(await world.StaleAsync());
        TestContext.Current.TestOutputHelper?.WriteLine($"{writes} writes, 0 stale");
    }

    [Fact]
    public async Task A18_A19_relay_is_killed_at_random_moments()
    {
        await using var world = await World.StartAsync();
        await world.AddAsync();
        await world.AddAsync();
        await RelayProcess.KillAtRandomAsync(world, TimeSpan.FromSeconds(20), betweenMillisecondsMax: 2_000, Bound);
    }

    [Fact]
    public async Task A_relay_that_hangs_loses_the_slot_to_another()
    {
        await using var world = await World.StartAsync();
        var cache = await world.AddAsync();
        await using var hung = new RelayProcess(world);
        await World.UntilAsync(() => hung.Follows, "the first follows");
        await using var other = new RelayProcess(world);
        await World.UntilAsync(() => other.StandsBy, "the second stands by");
        await cache.GetAsync(1);
        await hung.FreezeAsync();
        await Database.RunAsync(world.Database, "update things set version = 7 where id = 1");
        await World.UntilAsync(() => other.Follows, "the second follows", seconds: 20);
        await world.QuietAsync(Bound);
    }

    [Fact]
    public async Task A21_slot_is_dropped_while_nobody_follows()
    {
        await using var world = await World.StartAsync();
        var there = await world.AddAsync();
        await world.AddAsync(follows: true);
        await there.GetAsync(1);
        await world.Providers[^1].DisposeAsync();
        await Database.RunAsync(world.Database, $"select pg_drop_replication_slot('{world.Slot}')", "update things set version = 7 where id = 1");
        await world.AddAsync(follows: true);
        await World.UntilAsync(() => !there.TryPeek(1, out _), "the others are told that nothing is certain");
        Assert.Equal("7", await there.GetAsync(1));
        Assert.Contains("made", World.FeedOf(world.Providers[^1]).LastDoubt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A21_slot_is_made_anew_by_somebody_else()
    {
        await using var world = await World.StartAsync();
        var there = await world.AddAsync();
        await world.AddAsync(follows: true);
        await there.GetAsync(1);
        await world.Providers[^1].DisposeAsync();
        await Database.RunAsync(
            world.Database, "update things set version = 7 where id = 1", $"select pg_drop_replication_slot('{world.Slot}')", $"select pg_create_logical_replication_slot('{world.Slot}', 'pgoutput')");
        await world.AddAsync(follows: true);
        await World.UntilAsync(() => !there.TryPeek(1, out _), "the others are told that nothing is certain");
        Assert.Equal("7", await there.GetAsync(1));
        Assert.Contains("made its place anew", World.FeedOf(world.Providers[^1]).LastDoubt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A21_log_is_lost()
    {
        await using var world = await World.StartAsync("max_slot_wal_keep_size=1MB", "min_wal_size=32MB", "max_wal_size=32MB");
        var there = await world.AddAsync();
        await world.AddAsync(follows: true);
        await there.GetAsync(1);
        await world.Providers[^1].DisposeAsync();
        await Database.RunAsync(world.Database, "update things set version = 7 where id = 1", "create table filler (t text)");
        for (var i = 0; i < 4; i++)
        {
            await Database.RunAsync(world.Database, "insert into filler select repeat('x', 1000) from generate_series(1, 20000)", "select pg_switch_wal()", "checkpoint");
        }

        Assert.Equal("lost", await Database.AskAsync<string>(world.Database, $"select wal_status from pg_replication_slots where slot_name = '{world.Slot}'"));
        await world.AddAsync(follows: true);
        await World.UntilAsync(() => !there.TryPeek(1, out _), "the others are told that nothing is certain");
        Assert.Equal("7", await there.GetAsync(1));
    }

    [Fact]
    public async Task A23_A27_shared_tier_is_restarted_empty_under_writes()
    {
        await using var world = await World.StartAsync();
        await world.AddAsync(follows: true);
        await world.AddAsync();
        var writes = await Traffic.RunAsync(world, TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(2), async isOver =>
        {
            while (!isOver())
            {
                await Task.Delay(2_000);
                await world.Redis.KillAsync();
                await world.Redis.LaunchAsync();
            }
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"{writes} writes, 0 stale after {await world.QuietAsync(TimeSpan.FromSeconds(10))}");
    }

    [Fact]
    public async Task A_database_that_crashes_under_writes_is_followed_again()
    {
        await using var world = await World.StartAsync("fsync=on");
        await world.AddAsync(follows: true);
        await world.AddAsync();
        var writes = await Traffic.RunAsync(world, TimeSpan.FromSeconds(12), TimeSpan.FromMilliseconds(2), async isOver =>
        {
            while (!isOver())
            {
                await Task.Delay(3_000);
                await world.Database.KillAsync();
                await world.Database.LaunchAsync();
            }
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"{writes} writes, 0 stale after {await world.QuietAsync(TimeSpan.FromSeconds(15))}");
    }

    [Fact]
    public async Task A50_database_fails_over_and_takes_versions_back()
    {
        await using var world = await World.StartAsync();
        var standby = await world.AddStandbyAsync("next");
        var both = $"Host=127.0.0.1:{world.Database.Port},127.0.0.1:{standby.Port};Username=millpond;Database=postgres;Target Session Attributes=primary;SSL Mode=Disable;Timeout=5";
        var there = await world.AddAsync();
        await world.AddAsync(follows: true, database: both);

        // The standby never hears of version 7.
        await Database.RunAsync(standby, "select pg_wal_replay_pause()");
        await Database.RunAsync(world.Database, "update things set version = 7 where id = 1");
        await World.UntilAsync(() => there.GetAsync(1).AsTask().Result == "7", "everybody reads version 7");
        await world.Database.KillAsync();
        await standby.PromoteAsync();
        world.LoadFrom(standby.ConnectionString);
        await Database.RunAsync(standby, "update things set version = 3 where id = 1");
        await World.UntilAsync(() => World.FeedOf(world.Providers[^1]) is { State: FeedState.Following }, "the new primary is followed", seconds: 60);
        await world.QuietAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("3", await there.GetAsync(1));
    }
}
