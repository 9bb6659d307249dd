using Catalog.Database;
using Millpond;

namespace Catalog.Shop;

/// <summary>The four keyspaces of the shop, as they are injected.</summary>
internal sealed record ShopKeyspaces(
    IKeyspace<int, Product> Products,
    IKeyspace<CategoryPageKey, CategoryPage> Categories,
    IKeyspace<int, RelatedProducts> Related,
    IKeyspace<string, Suggestions> Suggestions)
{
    /// <summary>What a product and the pages of its category are tagged with.</summary>
    public static string CategoryTag(string code) => $"category:{code}";
}
