using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Testing.Feeds;

namespace Millpond.Debezium.Tests.Http;

/// <summary>What Debezium Server sends by HTTP, from the request to the cache.</summary>
public sealed class Endpoint
{
    private const string Secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private int _loads;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_answered_when_it_has_been_applied()
    {
        await using var app = await StartAsync();
        var things = app.Services.GetRequiredService<IKeyspace<int, string>>();
        Assert.Equal(("1", "1"), (await things.GetAsync(5, cancellationToken: Token), await things.GetAsync(5, cancellationToken: Token)));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(app, Message(5)));
        Assert.False(things.TryPeek(5, out _));
        Assert.Equal("2", await things.GetAsync(5, cancellationToken: Token));
    }

    [Fact]
    public async Task Whoever_does_not_know_the_secret_is_sent_away()
    {
        await using var app = await StartAsync();
        var things = app.Services.GetRequiredService<IKeyspace<int, string>>();
        await things.GetAsync(5, cancellationToken: Token);
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(app, Message(5), sign: _ => { }));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(app, Message(5), sign: request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Secret[..^1])));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendAsync(app, Message(6), sign: request => Sign(request, Message(5))));
        Assert.True(things.TryPeek(5, out _));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(app, Message(5), sign: request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Secret)));
    }

    [Fact]
    public async Task What_cannot_be_understood_is_answered_and_everything_doubted()
    {
        await using var app = await StartAsync();
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(app, "{"));
        Assert.Equal(HttpStatusCode.NoContent, await SendAsync(app, $"\"{new string('x', 5_000)}\""));
        var feed = app.Services.GetRequiredService<ICache>().Statistics().Feeds.Single();
        Assert.True(feed.Doubts >= 2);
        Assert.Contains("MessageBytesMax", feed.LastDoubt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_the_feed_does_not_run_it_is_to_be_sent_again()
    {
        await using var app = await StartAsync(startsCache: false);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await SendAsync(app, Message(5)));
        var inlet = app.Services.GetRequiredKeyedService<DebeziumInlet>("shop");
        Assert.Equal(ErrorCode.FeedNotFollowing, (await Assert.ThrowsAsync<MillpondException>(() => inlet.ReceiveAsync(Encoding.UTF8.GetBytes(Message(5)), cancellationToken: Token))).Code);
    }

    [Fact]
    public async Task A_run_that_ends_says_that_what_waits_is_to_be_sent_again()
    {
        var inlet = new DebeziumInlet("shop", new DebeziumOptions(), Runtime.Surroundings.Real);
        using var stop = new CancellationTokenSource();
        var running = inlet.FollowAsync(new RecordingFeedSink(new Feeds.FeedTable("shop.things", ["id"])), stop.Token);
        var waiting = inlet.ReceiveAsync(Encoding.UTF8.GetBytes(Message(5)), cancellationToken: Token);
        Assert.False(waiting.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(ErrorCode.FeedNotFollowing, (await Assert.ThrowsAsync<MillpondException>(() => waiting)).Code);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("c2hvcnQ=")]
    public async Task A_secret_that_is_none_is_refused(string secret) =>
        Assert.Equal(ErrorCode.InvalidConfiguration, (await Assert.ThrowsAsync<MillpondException>(() => StartAsync(secret))).Code);

    [Fact]
    public async Task Without_a_secret_the_application_must_know_its_callers()
    {
        await using var app = await StartAsync(secret: null);
        var endpoint = app.Services.GetRequiredService<Microsoft.AspNetCore.Routing.EndpointDataSource>().Endpoints.Single();
        Assert.NotEmpty(endpoint.Metadata.GetOrderedMetadata<Microsoft.AspNetCore.Authorization.IAuthorizeData>());
    }

    [Fact]
    public void Options_with_faults_are_refused_with_all_of_them()
    {
        var refused = Assert.Throws<MillpondException>(() => new ServiceCollection().AddMillpond(m => m.AddDebeziumStreams("shop", "localhost", [], o => o with
        {
            UnavailableValue = "x", AppliedAgainAfter = TimeSpan.FromHours(1), MessageBytesMax = 1, Group = "a b", PollPeriod = TimeSpan.Zero, SilenceMax = TimeSpan.Zero,
        })));
        Assert.All(
            (string[])["UnavailableValue", "AppliedAgainAfter", "MessageBytesMax", "0 streams", "the group 'a b'", "PollPeriod", "SilenceMax"], said => Assert.Contains(said, refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Options_of_queues_with_faults_are_refused_with_all_of_them()
    {
        var refused = Assert.Throws<MillpondException>(() => new ServiceCollection().AddMillpond(m => m.AddDebeziumQueues("shop", new Uri("http://rabbit"), ["a", "a"], o => o with
        {
            UnacknowledgedMax = 0, SilenceMax = TimeSpan.FromSeconds(1), MessageBytesMax = 1,
        })));
        Assert.All((string[])["no broker", "2 queues", "UnacknowledgedMax", "SilenceMax", "MessageBytesMax"], said => Assert.Contains(said, refused.Message, StringComparison.Ordinal));
    }

    private static string Message(int id) => $$"""{"before":{"id":{{id}}},"after":{"id":{{id}}},"op":"u","source":{"connector":"mysql","db":"shop","table":"things","snapshot":"false"} }""";

    private static void Sign(HttpRequestMessage request, string body)
    {
        var (id, time) = ("msg_1", "1700000000");
        var mac = HMACSHA256.HashData(Convert.FromBase64String(Secret[6..]), Encoding.UTF8.GetBytes($"{id}.{time}.{body}"));
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", time);
        request.Headers.Add("webhook-signature", $"v1,{Convert.ToBase64String(mac)}");
    }

    private static async Task<HttpStatusCode> SendAsync(WebApplication app, string body, Action<HttpRequestMessage>? sign = null)
    {
        using var client = app.GetTestClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/debezium/shop") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        (sign ?? (one => Sign(one, body)))(request);
        using var response = await client.SendAsync(request, Token);
        return response.StatusCode;
    }

    private async Task<WebApplication> StartAsync(string? secret = Secret, bool startsCache = true)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Services.AddRouting().AddAuthorization();
        builder.Services.AddMillpond(m => m
            .AddDebeziumInlet("shop", options => options with { MessageBytesMax = 4_096 })
            .AddKeyspace<int, string>("thing", k => k.Load((_, _) => new($"{++_loads}")).ChangedBy("shop.things", "id")));
        if (!startsCache)
        {
            // The cache's own, which was added last.
            builder.Services.Remove(builder.Services.Last(one => one.ServiceType == typeof(IHostedService)));
        }

        var app = builder.Build();
        if (secret is null)
        {
            app.UseAuthorization();
        }

        app.MapDebezium("/debezium/shop", "shop", secret);
        await app.StartAsync(Token);
        if (startsCache)
        {
            var cache = app.Services.GetRequiredService<ICache>();
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (cache.Statistics().Feeds.Single().State != Feeds.FeedState.Following)
            {
                patience.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        return app;
    }
}
