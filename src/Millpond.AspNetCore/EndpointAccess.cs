using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Millpond.AspNetCore.Access;

namespace Millpond;

/// <summary>Who may call an endpoint of Millpond's. There is none without it: who may purge may send all of your traffic to the database.</summary>
public sealed class EndpointAccess
{
    private readonly EndpointSecret? _secret;
    private readonly string? _policy;

    private EndpointAccess(EndpointSecret? secret, string? policy) => (_secret, _policy) = (secret, policy);

    /// <summary>Whoever knows a secret: sends it as <c>Authorization: Bearer</c>, or, to purge, signs with it as Standard Webhooks says. Let it travel over TLS, or within one machine, only.</summary>
    /// <param name="secret">Base64 of 24 to 64 bytes, with <c>whsec_</c> before it or not: <c>openssl rand -base64 32</c>. Null is refused, so that a setting that is missing opens no door.</param>
    /// <exception cref="MillpondException">MP1001: it is none.</exception>
    public static EndpointAccess BySecret(string? secret) =>
        new(secret is null ? throw new MillpondException(ErrorCode.InvalidConfiguration, "an endpoint is to be opened by a secret, and the secret is null. Look whether its setting is there, or name an authorization policy (ByPolicy).") : EndpointSecret.Read(secret), null);

    /// <summary>Whoever fulfils a policy of the application's own authorization (<c>AddAuthorization</c>).</summary>
    /// <param name="policy">Its name.</param>
    public static EndpointAccess ByPolicy(string policy)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(policy);
        return new(null, policy);
    }

    internal Doorkeeper Doorkeeper(DoorSign signs) => new(_secret, signs);

    /// <summary>Has the application look at callers that no secret makes known.</summary>
    /// <exception cref="MillpondException">MP1001: the application has no authorization, or not the policy.</exception>
    internal TBuilder Guard<TBuilder>(TBuilder mapped, IServiceProvider services)
        where TBuilder : IEndpointConventionBuilder
    {
        if (_policy is null)
        {
            return mapped;
        }

        var policies = services.GetService<IAuthorizationPolicyProvider>() ?? throw new MillpondException(
            ErrorCode.InvalidConfiguration, $"an endpoint is to be opened by the authorization policy '{_policy}', and the application has no authorization. Add it (AddAuthorization), or take a secret (BySecret).");

        // A provider that has to ask elsewhere is asked with each request, and refuses what it does not know.
        return policies.GetPolicyAsync(_policy) is { IsCompletedSuccessfully: true, Result: null }
            ? throw new MillpondException(ErrorCode.InvalidConfiguration, $"an endpoint is to be opened by the authorization policy '{_policy}', which the application does not have. Add it (AddAuthorization(o => o.AddPolicy(\"{_policy}\", ...))), or correct the name.")
            : mapped.RequireAuthorization(_policy);
    }
}
