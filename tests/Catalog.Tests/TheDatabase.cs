using Catalog.Database;

namespace Catalog.Tests;

public sealed class TheDatabase : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SourceSwitch _source = new(TimeProvider.System);
    private readonly CatalogDatabase _database;

    public TheDatabase() => _database = new CatalogDatabase(_folder.Database(), _source);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_query_that_reaches_it_is_counted_by_kind()
    {
        await new ProductQueries(_database).FindAsync(1, Cancellation);
        await new ProductQueries(_database).FindAsync(4711, Cancellation);
        await new CategoryQueries(_database).FindAsync(new CategoryPageKey("pond64", 1), Cancellation);

        Assert.Equal(2, _source.Sent.Of(QueryKind.Product));
        Assert.Equal(1, _source.Sent.Of(QueryKind.Parts));
        Assert.Equal(1, _source.Sent.Of(QueryKind.CategoryTotals));
        Assert.Equal(1, _source.Sent.Of(QueryKind.CategoryLines));
        Assert.Equal(5, _source.Sent.Total);
    }

    [Fact]
    public async Task Stopped_it_fails_every_query_and_started_it_answers_again()
    {
        var products = new ProductQueries(_database);
        _source.Stopped.On(TimeSpan.FromMinutes(1));
        await Assert.ThrowsAsync<DatabaseUnavailableException>(async () => await products.FindAsync(1, Cancellation));

        _source.Stopped.Off();
        Assert.NotNull(await products.FindAsync(1, Cancellation));
        Assert.Equal(2, _source.Sent.Of(QueryKind.Product));
    }

    [Fact]
    public async Task Slowed_it_takes_at_least_so_much_longer()
    {
        var time = new StoppedClock();
        var source = new SourceSwitch(time);
        source.Slow.On(TimeSpan.FromMinutes(1));

        ValueTask query = source.EnterAsync(QueryKind.Product, Cancellation);
        time.Advance(SourceSwitch.Slowness - TimeSpan.FromMilliseconds(1));
        Assert.False(query.IsCompleted);

        time.Advance(TimeSpan.FromMilliseconds(1));
        await query;
    }

    [Fact]
    public async Task Many_callers_share_few_connections()
    {
        var products = new ProductQueries(_database);

        Product?[] found = await Task.WhenAll(Enumerable.Range(0, 200)
            .Select(index => Task.Run(async () => await products.FindAsync(1 + (index % 5), Cancellation), Cancellation)));

        Assert.All(found, Assert.NotNull);
    }

    [Fact]
    public void A_timed_switch_turns_itself_off()
    {
        var time = new StoppedClock();
        var timed = new TimedSwitch(time);
        Assert.False(timed.IsOn);

        timed.On(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal((true, TimeSpan.FromSeconds(1)), (timed.IsOn, timed.Remaining));

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(timed.IsOn);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }
}
