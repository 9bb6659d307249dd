using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Millpond.AspNetCore.Access;
using Millpond.Debezium;
using Millpond.Debezium.AspNetCore;

namespace Millpond;

/// <summary>Takes by HTTP what Debezium Server tells.</summary>
public static class DebeziumEndpointExtensions
{
    /// <summary>
    /// Takes what Debezium Server's sink <c>http</c> sends: one message with each POST. Answers 204 when it has been applied, 401 to whoever does not know the secret, 503 while the feed does not run. A message that cannot be understood, or is too large,
    /// makes doubtful what it may concern and is answered as applied, because Debezium would send it again and then stop.
    /// </summary>
    /// <param name="endpoints">The routes.</param>
    /// <param name="pattern">Where: <c>/debezium/shop</c>.</param>
    /// <param name="feed">The feed's name, as it was given to <c>AddDebeziumInlet</c>.</param>
    /// <param name="secret">
    /// The secret that the sink signs with (<c>debezium.sink.http.authentication.type=standard-webhooks</c>): base64 of 24 to 64 bytes, with <c>whsec_</c> before it or not. Senders of another kind may send it as <c>Authorization: Bearer</c>. Null if callers are known by the
    /// application's own authorization, which is then required.
    /// </param>
    /// <returns>The endpoint's conventions.</returns>
    /// <exception cref="MillpondException">MP1001: there is no inlet of the name, or the secret is none.</exception>
    public static IEndpointConventionBuilder MapDebezium(this IEndpointRouteBuilder endpoints, string pattern, string feed, string? secret)
    {
        var inlet = endpoints.ServiceProvider.GetKeyedService<DebeziumInlet>(feed) ?? throw new MillpondException(ErrorCode.InvalidConfiguration, $"there is no inlet of the name '{feed}' for what {pattern} is sent. Add it to the cache: AddDebeziumInlet(\"{feed}\").");
        var endpoint = new DebeziumEndpoint(inlet, new Doorkeeper(secret is null ? null : EndpointSecret.Read(secret), DoorSign.BearerOrSignature));
        var mapped = endpoints.MapPost(pattern, endpoint.ReceiveAsync);
        return secret is null ? mapped.RequireAuthorization() : mapped;
    }
}
