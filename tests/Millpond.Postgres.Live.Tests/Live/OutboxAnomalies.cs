using Millpond.Feeds;
using Npgsql;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>An outbox in a real PostgreSQL, with transactions that commit in another order than they write, and drainers that die.</summary>
public sealed class OutboxAnomalies
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_transaction_that_commits_late_is_told_and_holds_up_nobody()
    {
        await using var world = await World.StartWithOutboxAsync();
        var cache = await world.AddAsync(follows: true);
        Assert.Equal(("0", "0", "0"), (await cache.GetAsync(1), await cache.GetAsync(2), await cache.GetAsync(3)));

        await using var slow = await ConnectAsync(world);
        await using var open = await slow.BeginTransactionAsync();
        await WriteAsync(world, open, 1);

        // Begun later, with higher numbers, and committed while the first is still open; enough of them that what was read has been deleted before it commits.
        for (var round = 0; round < 3; round++)
        {
            await using var quick = await ConnectAsync(world);
            await using var transaction = await quick.BeginTransactionAsync();
            await WriteAsync(world, transaction, 2);
            await transaction.CommitAsync();
            await World.UntilAsync(() => !cache.TryPeek(2, out _), "what committed first is told while the other is open");
            await cache.GetAsync(2);
            await UntilEmptyAsync(world);
        }

        Assert.Equal("0", await cache.GetAsync(1));
        await open.CommitAsync();
        await World.UntilAsync(() => !cache.TryPeek(1, out _), "what committed last is told");
        Assert.Equal("1", await cache.GetAsync(1));
        Assert.True(cache.TryPeek(3, out _));
        await UntilEmptyAsync(world);
    }

    [Fact]
    public async Task What_is_rolled_back_whole_or_to_a_savepoint_makes_nothing_stale()
    {
        await using var world = await World.StartWithOutboxAsync();
        var cache = await world.AddAsync(follows: true);
        for (var id = 1; id <= 3; id++)
        {
            await cache.GetAsync(id);
        }

        await using var connection = await ConnectAsync(world);
        await using (var undone = await connection.BeginTransactionAsync())
        {
            await WriteAsync(world, undone, 1);
            await undone.RollbackAsync();
        }

        await using (var part = await connection.BeginTransactionAsync())
        {
            await part.SaveAsync("before");
            await WriteAsync(world, part, 2);
            await part.RollbackAsync("before");
            await WriteAsync(world, part, 3);
            await part.CommitAsync();
        }

        await World.UntilAsync(() => !cache.TryPeek(3, out _), "what was committed is told");
        await UntilEmptyAsync(world);
        Assert.True(cache.TryPeek(1, out _) && cache.TryPeek(2, out _));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A67_event_before_visibility(bool hasSynchronousStandby)
    {
        await using var world = await World.StartWithOutboxAsync("synchronous_commit=remote_apply");
        if (hasSynchronousStandby)
        {
            await world.AddStandbyAsync("behind", "recovery_min_apply_delay=40ms");
            await world.Database.WaitForStandbyAsync("behind");
        }

        world.LoadTime = TimeSpan.FromMilliseconds(30);
        await world.AddAsync(follows: true);
        await world.AddAsync();
        var writes = await Traffic.RunAsync(world, TimeSpan.FromSeconds(3), TimeSpan.Zero, _ => Task.CompletedTask);
        Assert.True(writes > 10, $"{writes} writes");
        TestContext.Current.TestOutputHelper?.WriteLine($"{writes} writes, 0 stale after {await world.QuietAsync(Bound)}");
    }

    [Fact]
    public async Task A18_A19_drainer_is_killed_at_random_moments()
    {
        await using var world = await World.StartWithOutboxAsync();
        await world.AddAsync();
        await world.AddAsync();
        await RelayProcess.KillAtRandomAsync(world, TimeSpan.FromSeconds(6), betweenMillisecondsMax: 1_500, Bound, atRest: () => UntilEmptyAsync(world));
    }

    [Fact]
    public async Task A_drainer_that_hangs_loses_the_outbox_to_another()
    {
        await using var world = await World.StartWithOutboxAsync();
        var cache = await world.AddAsync();
        await using var hung = new RelayProcess(world);
        await World.UntilAsync(() => hung.Follows, "the first drains");
        await using var other = new RelayProcess(world);
        await World.UntilAsync(() => other.StandsBy, "the second stands by");
        await cache.GetAsync(1);
        await hung.FreezeAsync();
        await using var connection = await ConnectAsync(world);
        await using var transaction = await connection.BeginTransactionAsync();
        await WriteAsync(world, transaction, 1);
        await transaction.CommitAsync();
        await World.UntilAsync(() => other.Follows, "the second drains", seconds: 20);
        await world.QuietAsync(Bound);
    }

    [Fact]
    public async Task Rows_stay_until_the_shared_tier_has_been_told_and_a_restored_database_is_doubted()
    {
        await using var world = await World.StartWithOutboxAsync();
        var there = await world.AddAsync();
        await world.AddAsync(follows: true);
        await there.GetAsync(1);
        await there.GetAsync(2);
        await UntilEmptyAsync(world);
        await world.Redis.KillAsync();
        await using (var connection = await ConnectAsync(world))
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await WriteAsync(world, transaction, 1);
            await transaction.CommitAsync();
        }

        await World.UntilAsync(() => World.FeedOf(world.Providers[^1]).Transactions > 0, "the feed has read it");
        Assert.Equal(1L, await CountAsync(world));
        await world.Redis.LaunchAsync();
        await UntilEmptyAsync(world);
        await world.QuietAsync(TimeSpan.FromSeconds(10));

        // As on a server that was made from a copy: another one by its number, with rows whose transactions it never had.
        await world.Providers[^1].DisposeAsync();
        await Database.RunAsync(
            world.Database, $"update {world.Slot}_state set history = 'another' || history", $"insert into {world.Slot} (xid, tbl, kind) values ('999999999999', 'public.things', 'T')", "update things set version = 7 where id = 2");
        Assert.Equal("0", await there.GetAsync(2));
        await world.AddAsync(follows: true);
        await World.UntilAsync(() => World.FeedOf(world.Providers[^1]).LastDoubt is not null, "everything is doubted");
        await World.UntilAsync(() => !there.TryPeek(2, out _), "the others are told that nothing is certain");
        Assert.Equal("7", await there.GetAsync(2));
        Assert.Equal(0L, await CountAsync(world));
    }

    [Fact]
    public async Task Rows_that_another_program_wrote_badly_are_doubted_and_those_behind_them_told()
    {
        await using var world = await World.StartWithOutboxAsync();
        var cache = await world.AddAsync(follows: true);
        await cache.GetAsync(1);
        await Database.RunAsync(
            world.Database, "update things set version = 7 where id = 1", $"insert into {world.Slot} (tbl, kind, old) values ('public.things', 'U', '[1, 2'), ('public.things', 'X', null), ('public.unheard', 'I', null)");
        await World.UntilAsync(() => World.FeedOf(world.Providers[^1]).Doubts >= 2, "both are doubted");
        await world.QuietAsync(Bound);
        await Database.RunAsync(world.Database, "update things set version = 8 where id = 1", $$"""insert into {{world.Slot}} (tbl, kind, old, new) values ('Public."Things"', 'U', '{"id": 1}', '{"id": 1, "version": 8}')""");
        await world.QuietAsync(Bound);
        await UntilEmptyAsync(world);
    }

    private static async Task<NpgsqlConnection> ConnectAsync(World world)
    {
        var connection = new NpgsqlConnection(world.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    private static async Task WriteAsync(World world, NpgsqlTransaction transaction, int id)
    {
        await using var command = new NpgsqlCommand("update public.things set version = version + 1 where id = $1", transaction.Connection, transaction) { Parameters = { new() { Value = id } } };
        await command.ExecuteNonQueryAsync();
        await world.Outbox!.AddAsync(transaction, [new RowChange(Database.Table, RowChangeKind.Update, RowValues.Of(("id", id)), RowValues.Of(("id", id)))]);
    }

    private static Task<long> CountAsync(World world) => Database.AskAsync<long>(world.Database, $"select count(*) from {world.Slot}");

    private static async Task UntilEmptyAsync(World world)
    {
        for (var i = 0; i < 1_500 && await CountAsync(world) > 0; i++)
        {
            await Task.Delay(20);
        }

        Assert.Equal(0L, await CountAsync(world));
    }
}
