using Millpond.Engines.Live;
using Millpond.Feeds;
using Millpond.Runtime;
using Millpond.Testing.Feeds;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>What a database must have, and what is said where it has not.</summary>
public sealed class SettingUp(Database database) : IClassFixture<Database>
{
    [Fact]
    public async Task Every_fault_is_named_at_once_with_what_to_do()
    {
        await RunAsync(
            "create table public.keyless (id int, grp int)", "create unlogged table public.passing (id int primary key)", "create table public.hidden (id int primary key, grp int)",
            "create table public.strict (id int primary key, grp int not null)", "create view public.seen as select 1 as id");
        var said = await FaultOfAsync("faults", new FeedTable("public.keyless", ["id"]), new("public.passing", ["id"]), new("public.hidden", ["id", "grp"]), new("public.strict", ["id", "grp"]), new("public.seen", ["id"]), new("public.none", ["id"]), new(Database.Table, ["id", "colour"]));
        Assert.StartsWith("MP1601: ", said, StringComparison.Ordinal);
        Assert.Contains("(7 faults)", said, StringComparison.Ordinal);
        Assert.Contains("ALTER TABLE keyless ADD PRIMARY KEY (...); or ALTER TABLE keyless REPLICA IDENTITY FULL;", said, StringComparison.Ordinal);
        Assert.Contains("ALTER TABLE passing SET LOGGED;", said, StringComparison.Ordinal);
        Assert.Contains("hides the old values of grp in hidden, which rules read, so what a row belonged to before would stay as it was: ALTER TABLE hidden REPLICA IDENTITY FULL;", said, StringComparison.Ordinal);
        Assert.Contains("CREATE UNIQUE INDEX CONCURRENTLY strict_millpond ON strict (id, grp); ALTER TABLE strict REPLICA IDENTITY USING INDEX strict_millpond;", said, StringComparison.Ordinal);
        Assert.Contains("seen is no table", said, StringComparison.Ordinal);
        Assert.Contains("There is no table public.none", said, StringComparison.Ordinal);
        Assert.Contains("things has no column colour", said, StringComparison.Ordinal);

        // What it says, done: and the table can be followed.
        await RunAsync("create unique index concurrently strict_millpond on strict (id, grp)", "alter table strict replica identity using index strict_millpond");
        await FollowAsync("faults", async sink =>
        {
            await RunAsync("insert into strict values (1, 7)", "update strict set grp = 8", "update strict set grp = 8", "delete from strict");
            await UntilAsync(() => Rows(sink).Count() == 4);
            Assert.Equal(["Insert public.strict id=1 grp=7", "Update public.strict id=1 grp=7 -> id=1 grp=8", "Update public.strict id=1 grp=8 -> id=1 grp=8", "Delete public.strict id=1 grp=8"], Rows(sink));
        }, new FeedTable("public.strict", ["id", "grp"]));
    }

    [Fact]
    public async Task A_login_that_may_not_publish_is_told_what_to_run()
    {
        await RunAsync("create role reader login replication", "grant select on public.things to reader");
        var said = await FaultOfAsync("rights", options => options with { ConnectionString = options.ConnectionString.Replace("Username=millpond", "Username=reader", StringComparison.Ordinal) }, new FeedTable(Database.Table, ["id"]));
        Assert.Contains("There is no publication rights, and this login may not make it: CREATE PUBLICATION rights FOR TABLE things WITH (publish_via_partition_root = true);", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_publication_that_leaves_something_out_is_found()
    {
        await RunAsync("create publication narrow for table public.things where (id > 7) with (publish = 'insert')");
        var said = await FaultOfAsync("narrow", new FeedTable(Database.Table, ["id"]));
        Assert.Contains("ALTER PUBLICATION narrow SET (publish = 'insert, update, delete, truncate');", said, StringComparison.Ordinal);
        Assert.Contains("only some rows of things", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_without_rows_is_found()
    {
        await using var server = await PostgresServer.StartAsync("wal_level=replica");
        await Database.RunAsync(server, "create table public.things (id int primary key)");
        var said = await FaultOfAsync("level", options => options with { ConnectionString = server.ConnectionString }, new FeedTable("public.things", ["id"]));
        Assert.Contains("ALTER SYSTEM SET wal_level = logical; and restart the server.", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_in_parts_is_told_under_its_own_name() => await FollowAsync("parts", async sink =>
    {
        await RunAsync("insert into measured values (1, 7), (2, 17)", "update measured set grp = 18 where id = 1");
        await UntilAsync(() => Rows(sink).Any(row => row.Contains("grp=18", StringComparison.Ordinal)));
        Assert.All(Rows(sink), row => Assert.Contains("public.measured", row, StringComparison.Ordinal));
    }, new FeedTable("public.measured", ["id", "grp"]), "create table public.measured (id int, grp int, primary key (id, grp)) partition by range (grp)",
        "create table public.measured_low partition of public.measured for values from (0) to (10)", "create table public.measured_high partition of public.measured for values from (10) to (20)");

    [Fact]
    public async Task A_large_value_that_did_not_change_is_not_taken_for_missing() => await FollowAsync("toast", async sink =>
    {
        var large = new string('x', 20_000);
        await RunAsync($"insert into large select 1, string_agg(md5(i::text), ''), 0 from generate_series(1, 1000) i", "update large set n = 1");
        await UntilAsync(() => Rows(sink).Count() == 2);
        Assert.Equal(Rows(sink).First().Split("note=")[1], Rows(sink).Last().Split("note=")[^1]);
    }, new FeedTable("public.large", ["id", "note"]), "create table public.large (id int primary key, note text, n int)", "alter table public.large alter note set storage external", "alter table public.large replica identity full");

    [Fact]
    public async Task A_table_that_changes_its_shape_while_it_is_followed_is_followed_on() => await FollowAsync("shapes", async sink =>
    {
        await RunAsync("insert into shaped values (1, 7)", "alter table shaped add column note text", "insert into shaped (id, grp, note) values (2, 7, 'b')", "alter table shaped drop column grp", "insert into shaped (id, note) values (3, 'c')");
        await UntilAsync(() => Rows(sink).Count() == 3);
        Assert.Equal(["Insert public.shaped id=1 grp=7", "Insert public.shaped id=2 grp=7", "Insert public.shaped id=3"], Rows(sink));
    }, new FeedTable("public.shaped", ["id", "grp"]), "create table public.shaped (id int primary key, grp int)", "alter table public.shaped replica identity full");

    [Fact]
    public async Task A_table_that_is_rewritten_ends_the_run_and_is_another_history() => await FollowAsync("rewritten", async sink =>
    {
        var before = sink.Start!.Value.History;
        await RunAsync("insert into rewritten values (1, 7)", "alter table rewritten alter grp type bigint using grp + 1");
        await UntilAsync(() => !Sinks["rewritten"].Equals(sink) && Sinks["rewritten"].Start is not null);
        Assert.NotEqual(before, Sinks["rewritten"].Start!.Value.History);
    }, new FeedTable("public.rewritten", ["id"]), "create table public.rewritten (id int primary key, grp int)");

    [Fact]
    public async Task A_large_transaction_comes_in_pieces_and_what_is_rolled_back_of_it_does_not() => await FollowAsync("pieces", async sink =>
    {
        await RunAsync(
            "begin; set local logical_decoding_work_mem = '64kB'; insert into pieces select i, 1 from generate_series(1, 20000) i; rollback",
            "insert into pieces select i, 2 from generate_series(1, 20000) i");
        await UntilAsync(() => Rows(sink).Count() >= 20_000);
        Assert.All(Rows(sink), row => Assert.EndsWith("grp=2", row, StringComparison.Ordinal));
        Assert.Single(sink.Transactions, one => one.Rows.Count > 0);
    }, new FeedTable("public.pieces", ["id", "grp"]), "alter system set logical_decoding_work_mem = '64kB'", "select pg_reload_conf()", "create table public.pieces (id int primary key, grp int)", "alter table public.pieces replica identity full");

    private System.Collections.Concurrent.ConcurrentDictionary<string, RecordingFeedSink> Sinks { get; } = new();

    private static IEnumerable<string> Rows(RecordingFeedSink sink) => sink.Transactions.SelectMany(one => one.Rows);

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var i = 0; i < 600 && !holds(); i++)
        {
            await Task.Delay(50);
        }

        Assert.True(holds(), "it did not come about within 30 seconds");
    }

    private Task RunAsync(params string[] statements) => Database.RunAsync(database.Server, statements);

    private Task<string> FaultOfAsync(string slot, params FeedTable[] tables) => FaultOfAsync(slot, options => options, tables);

    private async Task<string> FaultOfAsync(string slot, Func<PostgresFeedOptions, PostgresFeedOptions> change, params FeedTable[] tables)
    {
        var fault = await Assert.ThrowsAsync<MillpondException>(() => NewFeed(slot, change).FollowAsync(new RecordingFeedSink(tables), TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCode.FeedUnfit, fault.Code);
        return fault.Message;
    }

    private async Task FollowAsync(string slot, Func<RecordingFeedSink, Task> test, FeedTable table, params string[] first)
    {
        await RunAsync(first);
        using var stop = new CancellationTokenSource();
        var following = KeepFollowingAsync(slot, table, stop.Token);
        await UntilAsync(() => Sinks.TryGetValue(slot, out var sink) && sink.Heartbeats > 0);
        await test(Sinks[slot]);
        await stop.CancelAsync();
        await following;
        await RunAsync($"select pg_drop_replication_slot('{slot}')");
    }

    private async Task KeepFollowingAsync(string slot, FeedTable table, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var sink = Sinks[slot] = new RecordingFeedSink(table) { ConfirmsAtOnce = true };
            try
            {
                await NewFeed(slot, options => options).FollowAsync(sink, stop);
            }
            catch (Exception) when (!stop.IsCancellationRequested)
            {
                await Task.Delay(100, CancellationToken.None);
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    private PostgresFeed NewFeed(string slot, Func<PostgresFeedOptions, PostgresFeedOptions> change) =>
        new(slot, change(new PostgresFeedOptions { ConnectionString = database.Server.ConnectionString, Slot = slot, Publication = slot }), Surroundings.Real);
}
