using System.Globalization;
using Catalog.Database;
using Catalog.Shop;

namespace Catalog.Instances;

/// <summary>Changes a stock through this instance and reads it from every one, to see how long the others go on serving the old one.</summary>
internal sealed class StockEverywhere(CatalogShop shop, Fleet fleet, TimeProvider time)
{
    /// <summary>Longer than a lost push takes to be noticed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    /// <summary>Sells one of the product, or fills the shelf again if none is left. Returns a sentence that says what was read where.</summary>
    public async Task<string> ChangeAsync(int id, CancellationToken cancellation)
    {
        try
        {
            return await shop.ProductAsync(id, cancellation) is { } product ? await ChangeAsync(product, cancellation) : $"There is no product {Text(id)}.";
        }
        catch (Exception failure) when (failure is DatabaseUnavailableException or Millpond.MillpondException)
        {
            return failure.Message;
        }
    }

    private async Task<string> ChangeAsync(Product product, CancellationToken cancellation)
    {
        await shop.SetStockAsync(product.Id, product.Stock > 0 ? product.Stock - 1 : 10, cancellation);
        long changed = time.GetTimestamp();
        Product mine = await shop.ProductAsync(product.Id, cancellation) ?? product;
        while (true)
        {
            Product?[] everywhere = await fleet.ReadEverywhereAsync(product.Id, cancellation);
            TimeSpan since = time.GetElapsedTime(changed);
            int behind = everywhere.Count(read => read is null || read.Revision < mine.Revision);
            if (behind == 0 || since > Patience)
            {
                return Say(mine, everywhere.Length, behind, since);
            }
        }
    }

    private static string Say(Product mine, int instances, int behind, TimeSpan since)
    {
        string change = $"{mine.Name} is at revision {Text(mine.Revision)} now, with {Text(mine.Stock)} on the shelf.";
        return behind == 0
            ? $"{change} All {instances} instances had served that {Text(since.TotalMilliseconds)} ms after the change."
            : $"{change} {behind} of {instances} instances had not served that after {Text(since.TotalSeconds)} s.";
    }

    private static string Text(double number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
