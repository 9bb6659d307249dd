using Catalog.Database;

namespace Catalog.Tests;

public sealed class Queries : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CatalogDatabase _database;

    public Queries() => _database = new CatalogDatabase(_folder.Database(), new SourceSwitch(TimeProvider.System));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_product_comes_with_its_category_its_publisher_its_title_and_its_parts()
    {
        Product? product = await new ProductQueries(_database).FindAsync(2, Cancellation);

        Assert.NotNull(product);
        Assert.Equal(("Frogs of the Mill (USA, rev. 2)", "Frogs of the Mill", 3), (product.Name, product.Title, product.Releases));
        Assert.Equal(("pond64", "Pond 64 cartridges", "Weir Software", 1985), (product.PlatformCode, product.Platform, product.Publisher, product.Year));
        Assert.Equal((1, "Frogs of the Mill (Europe)"), (product.VariantOf, product.VariantOfName));
        Assert.Equal((10, 1, 16_384L), (product.Stock, product.Revision, product.Bytes));
        Assert.Equal([new Part("cart", "pond64_cart", 1, 16_384)], product.Parts);
    }

    [Fact]
    public async Task A_product_that_does_not_exist_is_null() =>
        Assert.Null(await new ProductQueries(_database).FindAsync(4711, Cancellation));

    [Fact]
    public async Task A_category_adds_up_its_products_and_lists_the_most_released_first()
    {
        CategoryPage? page = await new CategoryQueries(_database).FindAsync(new CategoryPageKey("pond64", 1), Cancellation);

        Assert.NotNull(page);
        Assert.Equal(("Pond 64 cartridges", 3, 2, 0), (page.Name, page.Products, page.Publishers, page.SoldOut));
        Assert.Equal((1984, 1985, 32_768 / 3.0), (page.FirstYear, page.LastYear, page.BytesMean));
        Assert.Equal([1, 2, 3], page.Lines.Select(line => line.Id));
    }

    [Theory]
    [InlineData("pond64", 2)]
    [InlineData("nothing", 1)]
    public async Task A_page_past_the_end_and_an_unknown_category_are_null(string code, int page) =>
        Assert.Null(await new CategoryQueries(_database).FindAsync(new CategoryPageKey(code, page), Cancellation));

    [Fact]
    public async Task Related_are_the_same_title_on_other_platforms_first()
    {
        RelatedProducts? related = await new RelatedQueries(_database).FindAsync(1, Cancellation);

        Assert.Equal([4, 2], related!.Lines.Select(line => line.Id));
    }

    [Fact]
    public async Task Suggestions_begin_with_the_prefix_whatever_its_case()
    {
        Suggestions? found = await new SuggestionQueries(_database).FindAsync("fRoG", Cancellation);

        Assert.Equal(
            [new Suggestion("Frogs of the Mill", 3, 2, 1), new Suggestion("Frog Party", 1, 1, 5)], found?.Titles);
    }

    [Fact]
    public async Task No_title_begins_so_is_null() => Assert.Null(await new SuggestionQueries(_database).FindAsync("xylophone", Cancellation));

    [Fact]
    public async Task A_change_of_stock_raises_the_revision_and_says_when_lists_are_affected()
    {
        var writes = new ProductWrites(_database);

        Assert.Equal(new StockChange(1, "pond64", 7, AvailabilityChanged: false), await writes.SetStockAsync(1, 7, Cancellation));
        Assert.Equal(new StockChange(1, "pond64", 0, AvailabilityChanged: true), await writes.SetStockAsync(1, 0, Cancellation));
        Assert.Null(await writes.SetStockAsync(4711, 7, Cancellation));

        Product? product = await new ProductQueries(_database).FindAsync(1, Cancellation);
        Assert.Equal((0, 3), (product?.Stock, product?.Revision));
    }

    [Fact]
    public void The_hot_list_names_one_release_of_each_title_before_the_second_of_any()
    {
        HotList hot = HotList.Read(Path.Combine(_folder.Path, "catalog.db"));

        Assert.Equal([1, 3, 5, 2, 4], hot.Products);
        Assert.Equal(["pond64", "reed_flop"], hot.Categories);
        Assert.Equal("fro", hot.Prefixes[0]);
    }

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }
}
