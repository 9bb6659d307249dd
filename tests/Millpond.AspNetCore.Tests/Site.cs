using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Shared.InProcess;
using Millpond.Testing.Faults;
using Millpond.Testing.Journals;
using Millpond.Testing.Sinks;

namespace Millpond.AspNetCore.Tests;

/// <summary>A program with a cache and Millpond's endpoints, its server in memory and its shared tier's network in the test's hands.</summary>
internal sealed class Site : IAsyncDisposable
{
    public const string Secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private readonly WebApplication _app;

    private int _loads;

    private Site(Func<Site, EndpointAccess>? access, string? cache, bool withAuthorization, InMemoryJournalStore? journal)
    {
        Journal = journal ?? Journal;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddRouting();
        if (withAuthorization)
        {
            builder.Services.AddAuthorization(authorization => authorization.AddPolicy("operators", policy => policy.RequireAuthenticatedUser()));
        }

        builder.Services.AddMillpond(m => m
            .UseSharedTier(_ => Tier)
            .AddKeyspace<int, string>("thing", k => k.Tags((key, _) => [$"t{key}"]).Load((_, _) => new($"{++_loads}")))
            .AddKeyspace<int, string>("draft", k => k.Load((key, _) => new(Source.Rows.GetValueOrDefault(key))).WriteBehind(_ => Journal.NewJournal(), _ => Source)));
        _app = builder.Build();
        var given = access?.Invoke(this) ?? EndpointAccess.BySecret(Secret);
        _app.MapMillpondPurge("/millpond", given, cache);
        _app.MapMillpondAdmin("/millpond", given, cache);
    }

    public FaultySharedTier Tier { get; } = new(new InProcessSharedTier());

    public InMemoryJournalStore Journal { get; } = new();

    public InMemorySink<int, string> Source { get; } = new() { Refuses = item => item.Value == "poison" };

    public IServiceProvider Services => _app.Services;

    public IKeyspace<int, string> Things => Services.GetRequiredKeyedService<IKeyspace<int, string>>("thing");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Site> StartAsync(Func<Site, EndpointAccess>? access = null, string? cache = null, bool withAuthorization = true, InMemoryJournalStore? journal = null)
    {
        var site = new Site(access, cache, withAuthorization, journal);
        await site._app.StartAsync(Token);
        return site;
    }

    public static void Sign(HttpRequestMessage request, string body)
    {
        var (id, time) = ("msg_1", "1700000000");
        var mac = HMACSHA256.HashData(Convert.FromBase64String(Secret[6..]), Encoding.UTF8.GetBytes($"{id}.{time}.{body}"));
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", time);
        request.Headers.Add("webhook-signature", $"v1,{Convert.ToBase64String(mac)}");
    }

    public static void Known(HttpRequestMessage request) => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Secret);

    public Task<(HttpStatusCode Status, string Answer)> PurgeAsync(string purge, Action<HttpRequestMessage>? sign = null) => AskAsync(HttpMethod.Post, "invalidate", purge, sign);

    /// <summary>Writes what the source refuses, and returns when it is a dead letter.</summary>
    public async Task PoisonAsync(params int[] keys)
    {
        var drafts = Services.GetRequiredService<ICache>().Keyspace<int, string>("draft");
        foreach (var key in keys)
        {
            await drafts.WriteAsync(key, "poison", cancellationToken: Token);
        }

        await Services.GetRequiredService<ICache>().WriteBehind("draft").FlushAsync(Token);
    }

    public HttpMessageHandler Way() => _app.GetTestServer().CreateHandler();

    public async Task<(HttpStatusCode Status, string Answer)> AskAsync(HttpMethod method, string path, string? body = null, Action<HttpRequestMessage>? sign = null)
    {
        using var response = await SendAsync(method, $"/millpond/{path}", body, sign ?? Known);
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
