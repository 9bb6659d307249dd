using System.Text;
using Millpond.Debezium.Applying;
using Millpond.Debezium.Envelopes;
using Millpond.Feeds;
using Millpond.Testing.Feeds;
using Millpond.Testing.Time;

namespace Millpond.Debezium.Tests.Applying;

/// <summary>A change is applied at once and, where reads may not show it yet, again (A67).</summary>
public sealed class AppliedAgain
{
    private readonly SimulatedSurroundings _world = new(seed: 1);
    private readonly RecordingFeedSink _sink = new(new FeedTable("public.things", ["id"]), new FeedTable("shop.things", ["id"]), new FeedTable("dbo.things", ["id"]));
    private string _snapshot = "700:700:";
    private int _asked;

    [Fact]
    public void After_a_time_where_nobody_can_be_asked_and_the_carrier_keeps_it_until_then()
    {
        var applier = Applier(EventApplier.Acknowledges.WhenFinal);
        var applied = Apply(applier, "mysql", "shop");
        Assert.Equal((1, false), (_sink.Transactions.Count, _sink.Transactions[0].Commit.IsVisible));
        Pass(TimeSpan.FromMilliseconds(499));
        Assert.Null(_sink.VisibleTo);
        Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal(applied.Position, _sink.VisibleTo);
        Assert.Equal((1, 0), (_sink.Transactions.Count, applier.Waits));
    }

    [Fact]
    public void After_a_time_though_the_carrier_has_forgotten_it()
    {
        var applier = Applier(EventApplier.Acknowledges.WhenApplied);
        var applied = Apply(applier, "mysql", "shop");
        Assert.True(_sink.Transactions[0].Commit.IsVisible);
        Assert.False(applied.Forgettable.IsCompleted);
        _sink.Confirm(applied.Position);
        Assert.True(applied.Forgettable.IsCompleted);
        Pass(TimeSpan.FromMilliseconds(500));
        Assert.Equal(2, _sink.Transactions.Count);
        Assert.Equal(_sink.Transactions[0].Rows, _sink.Transactions[1].Rows);
        Assert.False(_sink.RanBack);
    }

    [Fact]
    public void At_once_where_the_run_ends_before_its_time()
    {
        var applier = Applier(EventApplier.Acknowledges.WhenApplied);
        Apply(applier, "mysql", "shop");
        applier.SettleAll();
        Assert.Equal(2, _sink.Transactions.Count);
    }

    [Theory]
    [InlineData("sqlserver", "dbo")]
    [InlineData("mongodb", "shop")]
    public void Never_where_the_database_tells_of_what_it_shows(string connector, string schema)
    {
        var applier = Applier(EventApplier.Acknowledges.WhenFinal);
        Apply(applier, connector, schema);
        Assert.True(_sink.Transactions[0].Commit.IsVisible);
        Assert.Equal(0, applier.Waits);
    }

    [Fact]
    public void Never_where_it_is_switched_off()
    {
        var applier = Applier(EventApplier.Acknowledges.WhenFinal, new DebeziumOptions { AppliedAgainAfter = TimeSpan.Zero });
        Apply(applier, "mysql", "shop");
        Assert.True(_sink.Transactions[0].Commit.IsVisible);
    }

    [Fact]
    public void As_soon_as_PostgreSQL_shows_it_where_it_can_be_asked()
    {
        var applier = Applier(EventApplier.Acknowledges.WhenApplied, new DebeziumOptions
        {
            PostgresSnapshot = _ =>
            {
                _asked++;
                return new(_snapshot);
            },
        });
        var applied = Apply(applier, "postgresql", "public", transaction: 701);
        _snapshot = "700:705:701,702";
        Pass(TimeSpan.FromSeconds(10));
        Assert.Null(_sink.VisibleTo);
        Assert.True(_asked > 100, $"asked {_asked} times");
        _snapshot = "702:705:702";
        Pass(TimeSpan.FromMilliseconds(5));
        Assert.Equal(applied.Position, _sink.VisibleTo);
        Assert.Single(_sink.Transactions);
        var before = _asked;
        Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(before, _asked);
    }

    [Fact]
    public void What_waits_is_bounded_and_then_the_carrier_waits_instead()
    {
        var applier = Applier(EventApplier.Acknowledges.WhenApplied);
        for (var i = 0; i < EventApplier.WaitingMax; i++)
        {
            Apply(applier, "mysql", "shop");
        }

        Assert.True(_sink.Transactions[^1].Commit.IsVisible);
        Apply(applier, "mysql", "shop");
        Assert.False(_sink.Transactions[^1].Commit.IsVisible);
        Pass(TimeSpan.FromMilliseconds(500));
        Assert.Equal((2 * EventApplier.WaitingMax) + 1, _sink.Transactions.Count);
        Assert.True(_sink.VisibleTo!.Value.Major > EventApplier.WaitingMax);
    }

    [Fact]
    public void A_table_that_is_read_anew_is_doubted_once_and_again_after_it_has_changed()
    {
        var applier = Applier(EventApplier.Acknowledges.WhenFinal);
        Assert.NotNull(applier.Apply(Message("mysql", "shop", operation: "r", snapshot: "first")));
        Assert.Null(applier.Apply(Message("mysql", "shop", operation: "r", snapshot: "true")));
        Assert.Null(applier.Apply(Message("mysql", "shop", operation: "r", snapshot: "last")));
        Assert.Equal(FeedDoubtReason.Gap, Assert.Single(Assert.Single(_sink.Transactions).Doubts).Reason);
        Apply(applier, "mysql", "shop");
        Assert.NotNull(applier.Apply(Message("mysql", "shop", operation: "r", snapshot: "first")));
    }

    [Fact]
    public void What_is_refused_makes_doubtful_what_it_may_concern()
    {
        var applier = Applier(EventApplier.Acknowledges.WhenFinal);
        applier.Apply(Told("{"));
        applier.Apply(Message("mysql", "shop", operation: "x"));
        Assert.Null(applier.Apply(Told("""{"op":"x","source":{"db":"shop","table":"unheard"}}""")));
        Assert.Null(applier.Apply(Told("""{"op":"c","after":{"id":1},"source":{"db":"shop","table":"unheard"}}""")));
        Assert.Null(applier.Apply(Told("""{"ts_ms":1}""")));
        Assert.Equal([null, "shop.things"], _sink.Transactions.SelectMany(one => one.Doubts).Select(doubt => doubt.Table));
    }

    private static DebeziumEvent Told(string message) => new EnvelopeReader(new DebeziumOptions()).Read(default, Encoding.UTF8.GetBytes(message));

    private static DebeziumEvent Message(string connector, string schema, string operation = "c", string snapshot = "false", int transaction = 5) => Told(
        $$"""{"before":null,"after":{"id":1,"_id":1},"op":"{{operation}}","source":{"connector":"{{connector}}","{{(connector is "mysql" or "mongodb" ? "db" : "schema")}}":"{{schema}}","{{(connector == "mongodb" ? "collection" : "table")}}":"things","snapshot":"{{snapshot}}","txId":{{transaction}} } }""");

    private EventApplier Applier(EventApplier.Acknowledges acknowledges, DebeziumOptions? options = null)
    {
        var applier = new EventApplier(_sink, options ?? new DebeziumOptions(), acknowledges, _world);
        _world.RunAside(() => applier.RunAsync(CancellationToken.None));
        _world.RunUntilIdle();
        return applier;
    }

    private static (FeedPosition Position, Task Forgettable) Apply(EventApplier applier, string connector, string schema, int transaction = 5) => applier.Apply(Message(connector, schema, transaction: transaction))!.Value;

    private void Pass(TimeSpan time)
    {
        _world.RunUntilIdle();
        _world.Clock.Advance(time);
        _world.RunUntilIdle();
    }
}
