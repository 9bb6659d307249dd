using Catalog.Database;

namespace Catalog.Load;

/// <summary>
/// What the built-in load asks for. Products are drawn by Zipf's law from a hot set that drifts through the whole catalogue: every
/// <see cref="DriftPeriod"/> the most popular product leaves it and everything else moves up one rank, so there is always
/// something that the cache has not seen. Used by one thread.
/// </summary>
internal sealed class RequestMix(HotList hot, FlashCrowd crowd, TimeProvider time, Random random)
{
    public const double Skew = 0.99;

    /// <summary>How many products are in demand at a time.</summary>
    public const int HotSetMax = 20_000;

    public static readonly TimeSpan DriftPeriod = TimeSpan.FromSeconds(15);

    /// <summary>Per cent of all requests; products are the rest.</summary>
    private const int Categories = 6;
    private const int Related = 4;
    private const int Suggestions = 4;
    private const int Missing = 2;
    private const int StockChanges = 2;

    /// <summary>Per cent of product requests that a flash crowd turns to its one product.</summary>
    private const int CrowdShare = 80;

    private const int PagesMax = 3;

    private readonly ZipfSampler _products = new(Math.Min(HotSetMax, hot.Products.Count), Skew);
    private readonly ZipfSampler _categories = new(hot.Categories.Count, Skew);
    private readonly ZipfSampler _prefixes = new(Math.Max(1, hot.Prefixes.Count), Skew);
    private readonly long _started = time.GetTimestamp();

    public LoadRequest Next() => random.Next(100) switch
    {
        < Categories => new LoadRequest(LoadKind.Category, $"/categories/{hot.Categories[_categories.Next(random)]}?page={Page()}"),
        < Categories + Related => new LoadRequest(LoadKind.Related, $"/products/{HotProduct()}/related"),
        < Categories + Related + Suggestions => new LoadRequest(LoadKind.Suggestions, $"/suggestions?prefix={Prefix()}"),
        < Categories + Related + Suggestions + Missing => new LoadRequest(LoadKind.MissingProduct, $"/products/{MissingProduct()}"),
        < Categories + Related + Suggestions + Missing + StockChanges =>
            new LoadRequest(LoadKind.StockChange, $"/products/{HotProduct()}/stock", random.Next(21)),
        _ => new LoadRequest(LoadKind.Product, $"/products/{Product()}"),
    };

    private int Product() => crowd.Product is { } wanted && random.Next(100) < CrowdShare ? wanted : HotProduct();

    private int HotProduct()
    {
        long drift = time.GetElapsedTime(_started).Ticks / DriftPeriod.Ticks;
        return hot.Products[(int)((_products.Next(random) + drift) % hot.Products.Count)];
    }

    /// <summary>Ids that do not exist, the same few hundred again and again, as a stale link or a crawler asks for them.</summary>
    private int MissingProduct() => 10_000_000 + random.Next(500);

    private int Page() => 1 + random.Next(PagesMax);

    private string Prefix() => Uri.EscapeDataString(hot.Prefixes[_prefixes.Next(random)]);
}
