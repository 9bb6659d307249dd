using Catalog.Drills;
using Catalog.Instances;

namespace Catalog.Endpoints;

/// <summary>What the first instance asks of the others, and what its page asks of all.</summary>
internal static class InstanceEndpoints
{
    public static void MapInstances(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/figures", async (InstanceFigures figures, CancellationToken cancellation) => Results.Ok(await figures.NowAsync(cancellation)));
        routes.MapPost("/drills/{name}/on", (string name, DrillBoard board) => board.Set(name, isOn: true) ? Results.Ok() : Results.NotFound());
        routes.MapPost("/drills/{name}/off", (string name, DrillBoard board) => board.Set(name, isOn: false) ? Results.Ok() : Results.NotFound());
        routes.MapPost("/instances/stock/{id:int}", async (int id, StockEverywhere stock, CancellationToken cancellation) =>
            Results.Ok(new Said(await stock.ChangeAsync(id, cancellation))));
    }
}
