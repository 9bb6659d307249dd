using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Shared.InProcess;
using Millpond.Testing.Faults;

namespace Millpond.AspNetCore.Tests;

/// <summary>A program with a cache and Millpond's endpoints, its server in memory and its shared tier's network in the test's hands.</summary>
internal sealed class Site : IAsyncDisposable
{
    public const string Secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private readonly WebApplication _app;

    private int _loads;

    private Site(Func<Site, EndpointAccess>? access, string? cache, bool withAuthorization, Action<MillpondBuilder>? more)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddRouting();
        if (withAuthorization)
        {
            builder.Services.AddAuthorization(authorization => authorization.AddPolicy("operators", policy => policy.RequireAuthenticatedUser()));
        }

        builder.Services.AddMillpond(m =>
        {
            m.UseSharedTier(_ => Tier).AddKeyspace<int, string>("thing", k => k.Tags((key, _) => [$"t{key}"]).Load((_, _) => new($"{++_loads}")));
            more?.Invoke(m);
        });
        _app = builder.Build();
        _app.MapMillpondPurge("/millpond", access?.Invoke(this) ?? EndpointAccess.BySecret(Secret), cache);
    }

    public FaultySharedTier Tier { get; } = new(new InProcessSharedTier());

    public IServiceProvider Services => _app.Services;

    public IKeyspace<int, string> Things => Services.GetRequiredService<IKeyspace<int, string>>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Site> StartAsync(Func<Site, EndpointAccess>? access = null, string? cache = null, bool withAuthorization = true, Action<MillpondBuilder>? more = null)
    {
        var site = new Site(access, cache, withAuthorization, more);
        await site._app.StartAsync(Token);
        return site;
    }

    public static void Known(HttpRequestMessage request) => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Secret);

    public async Task<(HttpStatusCode Status, string Answer)> PurgeAsync(string purge, Action<HttpRequestMessage>? sign = null)
    {
        using var response = await SendAsync(HttpMethod.Post, "/millpond/invalidate", purge, sign ?? Known);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, Action<HttpRequestMessage> sign)
    {
        using var client = _app.GetTestClient();
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        sign(request);
        return await client.SendAsync(request, Token);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
