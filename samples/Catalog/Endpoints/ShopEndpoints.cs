using Catalog.Database;
using Catalog.Page;
using Catalog.Shop;
using Millpond;

namespace Catalog.Endpoints;

/// <summary>The service itself: what the built-in load, or anybody else, asks for over HTTP.</summary>
internal static class ShopEndpoints
{
    /// <summary>A longer prefix finds nothing that a shorter one does not, and would only fill the cache.</summary>
    private const int PrefixMax = 32;

    private const int StockMax = 1_000_000;

    public static void MapShop(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder shop = routes.MapGroup("").AddEndpointFilter(CountAndTranslateAsync);

        shop.MapGet("/products/{id:int}", async (int id, CatalogShop catalog, HotKeys hot, PageViews views, HttpContext context, CancellationToken cancellation) =>
        {
            hot.Count(id);
            var product = await catalog.ProductAsync(id, cancellation);
            if (product is not null)
            {
                views.CountWhenSent(context, id);
            }

            return Found(product);
        });
        shop.MapGet("/products/{id:int}/related", async (int id, CatalogShop catalog, CancellationToken cancellation) =>
            Found(await catalog.RelatedAsync(id, cancellation)));
        shop.MapGet("/categories/{code}", async (string code, int? page, CatalogShop catalog, CancellationToken cancellation) =>
            page is < 1
                ? Problem(StatusCodes.Status400BadRequest, "page counts from 1.")
                : Found(await catalog.CategoryAsync(new CategoryPageKey(code, page ?? 1), cancellation)));
        shop.MapGet("/suggestions", async (string prefix, CatalogShop catalog, CancellationToken cancellation) =>
            prefix.Length is 0 or > PrefixMax
                ? Problem(StatusCodes.Status400BadRequest, $"prefix takes 1 to {PrefixMax} characters.")
                : Found(await catalog.SuggestAsync(prefix.ToLowerInvariant(), cancellation)));
        shop.MapPut("/products/{id:int}/stock", async (int id, StockOrder order, CatalogShop catalog, CancellationToken cancellation) =>
            order.Stock is < 0 or > StockMax
                ? Problem(StatusCodes.Status400BadRequest, $"stock takes 0 to {StockMax}.")
                : Found(await catalog.SetStockAsync(id, order.Stock, cancellation)));
    }

    private static IResult Found<T>(T? found)
        where T : class => found is null ? Results.NotFound() : Results.Ok(found);

    private static IResult Problem(int status, string detail) => Results.Problem(detail, statusCode: status);

    /// <summary>
    /// A key that Millpond refuses is the caller's mistake; a database that gives no answer is a 503, whether the failure came through
    /// the cache or past it.
    /// </summary>
    private static async ValueTask<object?> CountAndTranslateAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var traffic = context.HttpContext.RequestServices.GetRequiredService<ShopTraffic>();
        traffic.CountRequest();
        try
        {
            return await next(context);
        }
        catch (MillpondException refused) when (refused.Code is ErrorCode.KeyLength or ErrorCode.KeyCharacters)
        {
            return Problem(StatusCodes.Status400BadRequest, refused.Message);
        }
        catch (Exception failure) when (failure is DatabaseUnavailableException or MillpondException)
        {
            traffic.CountFailure();
            return Problem(StatusCodes.Status503ServiceUnavailable, failure.Message);
        }
    }
}

/// <summary>The body of a change of stock.</summary>
internal sealed record StockOrder(int Stock);
