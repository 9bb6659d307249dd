using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Catalog.Drills;
using Catalog.Page;
using Catalog.Shop;

namespace Catalog.Endpoints;

/// <summary>What the page in the browser talks to.</summary>
internal static class PageEndpoints
{
    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/live", (LivePage live, CancellationToken cancellation) =>
            TypedResults.ServerSentEvents(EventsAsync(live, cancellation)));

        routes.MapPost("/drills/{name}", async (string name, DrillActions drills, CancellationToken cancellation) =>
            await drills.RunAsync(name, cancellation) is { } said ? Results.Ok(new Said(said)) : Results.NotFound());

        routes.MapGet("/explain/{id:int}", async (int id, ShopKeyspaces keyspaces, CancellationToken cancellation) =>
            Results.Ok(new Said((await keyspaces.Products.ExplainAsync(id, cancellation)).ToString())));
    }

    /// <summary>What the page missed since it was closed, at once; then each second as it comes.</summary>
    private static async IAsyncEnumerable<SseItem<object>> EventsAsync(
        LivePage live, [EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return new SseItem<object>(live.About, "about");
        yield return new SseItem<object>(live.History(), "history");
        await foreach (LiveSample sample in live.SubscribeAsync(cancellation))
        {
            yield return new SseItem<object>(sample, "sample");
        }
    }
}

/// <summary>A sentence for the person at the page.</summary>
internal sealed record Said(string Text);
