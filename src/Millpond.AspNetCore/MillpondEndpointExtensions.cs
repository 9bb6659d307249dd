using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Millpond.AspNetCore.Access;
using Millpond.AspNetCore.Operating;
using Millpond.AspNetCore.Purging;

namespace Millpond;

/// <summary>Maps what may be asked of a cache by HTTP.</summary>
public static class MillpondEndpointExtensions
{
    /// <summary>
    /// Takes purges by <c>POST {prefix}/invalidate</c>: JSON with <c>keyspace</c> and some of <c>tenant</c>, <c>keys</c>, <c>tags</c> and <c>all</c> (<see cref="Purge"/>), of at most 1 MiB. Answers 200 when the shared tier has acknowledged the purge and told every process, 503 with
    /// <c>Retry-After</c> while it cannot be told, 400 or 404 if what is named is not there (nothing of it is done then), 401 to whoever is not known.
    /// </summary>
    /// <param name="endpoints">The routes.</param>
    /// <param name="prefix">Where: <c>/millpond</c>.</param>
    /// <param name="access">Who may purge.</param>
    /// <param name="cache">The cache's name; null for the default one.</param>
    /// <returns>The endpoint's conventions.</returns>
    /// <exception cref="MillpondException">MP1001: there is no such cache, or no such authorization policy.</exception>
    public static IEndpointConventionBuilder MapMillpondPurge(this IEndpointRouteBuilder endpoints, string prefix, EndpointAccess access, string? cache = null)
    {
        ArgumentNullException.ThrowIfNull(access);
        var endpoint = new PurgeEndpoint(CacheOf(endpoints, prefix, cache), access.Doorkeeper(DoorSign.BearerOrSignature));
        return access.Guard(endpoints.MapPost($"{prefix}/invalidate", endpoint.PurgeAsync), endpoints.ServiceProvider);
    }

    /// <summary>
    /// For operators: <c>GET {prefix}/status</c>, how the cache stands; and for each keyspace or counters that write behind, <c>GET {prefix}/dead-letters/{name}</c> (<c>after</c>, <c>max</c>), <c>POST .../retry</c>, <c>POST .../discard</c> and <c>GET {prefix}/trail/{name}</c> (<c>key</c>, <c>from</c>, <c>until</c>, <c>after</c>, <c>max</c>), without values. The command <c>millpond</c> asks them. A signature is not
    /// enough here, because it can be sent twice: callers send the secret itself.
    /// </summary>
    /// <param name="endpoints">The routes.</param>
    /// <param name="prefix">Where: <c>/millpond</c>; it may be the same as for purges.</param>
    /// <param name="access">Who may. Whoever may discards acknowledged writes, so give it a secret other than that of purges.</param>
    /// <param name="cache">The cache's name; null for the default one.</param>
    /// <returns>The endpoints' conventions.</returns>
    /// <exception cref="MillpondException">MP1001: there is no such cache, or no such authorization policy.</exception>
    public static IEndpointConventionBuilder MapMillpondAdmin(this IEndpointRouteBuilder endpoints, string prefix, EndpointAccess access, string? cache = null)
    {
        ArgumentNullException.ThrowIfNull(access);
        var found = CacheOf(endpoints, prefix, cache);
        var door = access.Doorkeeper(DoorSign.Bearer);
        var asks = new BehindAsks(found, door);
        var letters = new DeadLetterEndpoints(asks);
        var group = endpoints.MapGroup(prefix);
        group.MapGet("/status", new StatusEndpoint(found, new MillpondHealthCheck(endpoints.ServiceProvider), door).AnswerAsync);
        group.MapGet("/dead-letters/{name}", letters.ListAsync);
        group.MapPost("/dead-letters/{name}/retry", letters.RetryAsync);
        group.MapPost("/dead-letters/{name}/discard", letters.DiscardAsync);
        group.MapGet("/trail/{name}", new TrailEndpoint(asks).ReadAsync);
        return access.Guard(group, endpoints.ServiceProvider);
    }

    private static ICache CacheOf(IEndpointRouteBuilder endpoints, string prefix, string? name) =>
        (name is null ? endpoints.ServiceProvider.GetService<ICache>() : endpoints.ServiceProvider.GetKeyedService<ICache>(name))
        ?? throw new MillpondException(ErrorCode.InvalidConfiguration, $"there is no {(name is null ? "cache" : $"cache '{name}'")} for what is asked at {prefix}. Add it (AddMillpond), or correct the name.");
}
