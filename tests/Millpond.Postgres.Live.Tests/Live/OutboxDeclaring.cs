using Microsoft.Extensions.DependencyInjection;
using Millpond.Feeds;
using Npgsql;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>How outboxes are declared, and what becomes of values in them.</summary>
public sealed class OutboxDeclaring
{
    [Fact]
    public void Options_with_faults_are_refused_with_all_of_them()
    {
        var refused = Assert.Throws<MillpondException>(() => new ServiceCollection().AddMillpond(m => m.AddPostgresOutbox("shop", " ", o => o with { PollPeriod = TimeSpan.Zero, SilenceMax = TimeSpan.FromHours(1) })));
        Assert.Equal(ErrorCode.InvalidConfiguration, refused.Code);
        Assert.All((string[])["no connection string", "PollPeriod", "SilenceMax"], said => Assert.Contains(said, refused.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Shop")]
    [InlineData("a.b.c")]
    [InlineData("shop; drop table products")]
    public void A_table_that_is_no_plain_name_is_refused(string table) => Assert.Equal(ErrorCode.InvalidConfiguration, Assert.Throws<MillpondException>(() => new PostgresOutbox("shop", table)).Code);

    [Fact]
    public async Task Values_arrive_as_rules_read_them_with_and_without_a_notice()
    {
        await using var world = await World.StartWithOutboxAsync();
        await Database.RunAsync(world.Database, "create schema apart");
        var given = RowValues.Of(
            ("text", "it's\t\"世界\" 🦆"), ("whole", long.MinValue), ("part", 12.50m), ("real", 0.1), ("yes", true), ("id", Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e")), ("at", new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.FromHours(1))),
            ("bytes", new byte[] { 1, 255 }), ("nothing", null), ("unknown", RowValues.Absent));
        foreach (var outbox in new[] { new PostgresOutbox("values", "apart.values_one"), new PostgresOutbox("values", "apart.values_two") { SendsNotices = false } })
        {
            List<string> heard = [];
            await using var services = Services(world, outbox, heard);
            foreach (var hosted in services.GetServices<Microsoft.Extensions.Hosting.IHostedService>())
            {
                await hosted.StartAsync(default);
            }

            await World.UntilAsync(() => World.FeedOf(services) is { State: FeedState.Following, Lag: not null }, "it is drained");
            await using (var connection = new NpgsqlConnection(world.ConnectionString))
            {
                await connection.OpenAsync();
                await outbox.AddAsync(connection, []);
                await outbox.AddAsync(connection, [new RowChange("public.values", RowChangeKind.Insert, null, given)]);
            }

            await World.UntilAsync(() => heard.Count > 0, "it is told");
            Assert.Equal(["it's\t\"世界\" 🦆", "-9223372036854775808", "12.50", "0.1", "True", "0f8fad5b-d9cb-469f-a165-70867728950e", "2026-01-02T03:04:05.0060000+01:00", "\\x01ff", "", "False"], heard);
        }
    }

    private static ServiceProvider Services(World world, PostgresOutbox outbox, List<string> heard) => new ServiceCollection().AddMillpond(m => m
        .AddPostgresOutbox("values", world.ConnectionString, options => options with { Table = outbox.Table, PollPeriod = TimeSpan.FromMilliseconds(20) })
        .AddKeyspace<int, string>("one", k => k.Load((_, _) => new("x")).ChangedBy(new RowRule<int>
        {
            Table = "public.values",
            Columns = ["text"],
            Keys = row =>
            {
                heard.AddRange([
                    row.Get<string>("text"), $"{row.Get<long>("whole")}", $"{row.Get<decimal>("part")}", $"{row.Get<double>("real")}", $"{row.Get<bool>("yes")}", $"{row.Get<Guid>("id")}", $"{row.Get<DateTimeOffset>("at"):O}",
                    row.Get<string>("bytes"), (string?)row["nothing"] ?? "", $"{row.Has("unknown")}"]);
                return [];
            },
        }))).BuildServiceProvider();
}
