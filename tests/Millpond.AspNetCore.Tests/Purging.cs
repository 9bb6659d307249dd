using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Millpond.AspNetCore.Tests;

/// <summary>Purges by HTTP, from the request to the cache.</summary>
public sealed class Purging
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_purge_is_answered_when_it_has_been_made_with_what_was_done()
    {
        await using var site = await Site.StartAsync();
        var things = site.Things;
        await things.GetManyAsync([5, 6, 7], cancellationToken: Token);
        var (status, answer) = await site.PurgeAsync("""{"keyspace":"thing","keys":["5"],"tags":["t6"]}""");
        Assert.Equal((HttpStatusCode.OK, """{"keys":1,"tags":1,"all":false,"isTold":true}"""), (status, answer));
        Assert.Equal((false, false, true), (things.TryPeek(5, out _), things.TryPeek(6, out _), things.TryPeek(7, out _)));
        Assert.Equal(HttpStatusCode.OK, (await site.PurgeAsync("""{"keyspace":"thing","keys":["5"],"tags":["t6"]}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await site.PurgeAsync("""{"keyspace":"thing","all":true}""")).Status);
        Assert.False(things.TryPeek(7, out _));
    }

    [Theory]
    [InlineData("""{"keyspace":"thing","keys":["7","seven"]}""", HttpStatusCode.BadRequest, "MP1105", "seven")]
    [InlineData("""{"keyspace":"thing","keys":["7",null]}""", HttpStatusCode.BadRequest, "MP1105", "")]
    [InlineData("""{"keyspace":"thing"}""", HttpStatusCode.BadRequest, "MP1105", null)]
    [InlineData("""{"keyspace":"thing","tags":["t7",""]}""", HttpStatusCode.BadRequest, "MP1101", null)]
    [InlineData("""{"keyspace":"things","keys":["7"]}""", HttpStatusCode.NotFound, "MP1002", null)]
    [InlineData("""{"keyspace":"thing","key":["7"],"all":true}""", HttpStatusCode.BadRequest, null, null)]
    [InlineData("""{"keyspace":"thing","keys":["7"],"keys":[]}""", HttpStatusCode.BadRequest, null, null)]
    [InlineData("""{"keyspace":null,"all":true}""", HttpStatusCode.BadRequest, null, null)]
    [InlineData("""{"keys":["7"]}""", HttpStatusCode.BadRequest, null, null)]
    [InlineData("""{"keyspace":"thing","keys":null,"all":true}""", HttpStatusCode.BadRequest, null, null)]
    [InlineData("null", HttpStatusCode.BadRequest, null, null)]
    [InlineData("{", HttpStatusCode.BadRequest, null, null)]
    public async Task What_cannot_be_read_is_refused_whole_and_named(string purge, HttpStatusCode expected, string? code, string? unreadable)
    {
        await using var site = await Site.StartAsync();
        await site.Things.GetAsync(7, Token);
        var (status, answer) = await site.PurgeAsync(purge);
        Assert.Equal(expected, status);
        using var refusal = JsonDocument.Parse(answer);
        Assert.Equal(code, refusal.RootElement.TryGetProperty("code", out var said) ? said.GetString() : null);
        Assert.Equal(unreadable, refusal.RootElement.TryGetProperty("unreadableKeys", out var keys) ? keys[0].GetString() : null);
        Assert.True(site.Things.TryPeek(7, out _));
    }

    [Fact]
    public async Task Number_and_size_are_bounded()
    {
        await using var site = await Site.StartAsync();
        var (status, answer) = await site.PurgeAsync($$"""{"keyspace":"thing","keys":[{{string.Join(',', Enumerable.Range(0, Purge.NamesMax + 1).Select(i => $"\"{i}\""))}}]}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("MP1104", answer, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await site.PurgeAsync($$"""{"keyspace":"thing","keys":["{{new string('x', 1 << 20)}}"]}""")).Status);
    }

    [Fact]
    public async Task Whoever_is_not_known_is_sent_away_and_nothing_is_done()
    {
        await using var site = await Site.StartAsync();
        await site.Things.GetAsync(7, Token);
        const string purge = """{"keyspace":"thing","all":true}""";
        Assert.Equal(HttpStatusCode.Unauthorized, (await site.PurgeAsync(purge, _ => { })).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await site.PurgeAsync(purge, request => request.Headers.Authorization = new("Bearer", Site.Secret[..^1]))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await site.PurgeAsync(purge, request => request.Headers.Authorization = new("Bearer", ""))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await site.PurgeAsync(purge, request => Site.Sign(request, purge + " "))).Status);
        Assert.True(site.Things.TryPeek(7, out _));
        Assert.Equal(HttpStatusCode.OK, (await site.PurgeAsync(purge, request => Site.Sign(request, purge))).Status);
        Assert.False(site.Things.TryPeek(7, out _));
    }

    [Fact]
    public async Task Anything_but_json_is_refused()
    {
        await using var site = await Site.StartAsync();
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await site.PurgeAsync("""{"keyspace":"thing","all":true}""", request =>
        {
            Site.Known(request);
            request.Content!.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        })).Status);
    }

    [Fact]
    public async Task While_the_shared_tier_is_away_it_is_to_be_sent_again_and_this_process_serves_nothing_old()
    {
        await using var site = await Site.StartAsync();
        Assert.Equal("1", await site.Things.GetAsync(7, Token));
        site.Tier.Operations.IsDown = true;
        using var response = await site.SendAsync(HttpMethod.Post, "/millpond/invalidate", """{"keyspace":"thing","keys":["7"]}""", Site.Known);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)), (response.StatusCode, response.Headers.RetryAfter?.Delta));
        Assert.Contains("MP1501", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal("2", await site.Things.GetAsync(7, Token));
    }

    [Fact]
    public async Task Access_by_a_policy_is_left_to_the_application()
    {
        await using var site = await Site.StartAsync(_ => EndpointAccess.ByPolicy("operators"));
        var endpoint = site.Services.GetRequiredService<EndpointDataSource>().Endpoints.Single(one => one.DisplayName!.Contains("invalidate", StringComparison.Ordinal));
        Assert.Equal(["operators"], endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(one => one.Policy));
    }

    [Theory]
    [InlineData("guests")]
    [InlineData("operators ")]
    public async Task A_policy_that_is_not_there_is_refused(string policy) =>
        Assert.Equal(ErrorCode.InvalidConfiguration, (await Assert.ThrowsAsync<MillpondException>(() => Site.StartAsync(_ => EndpointAccess.ByPolicy(policy)))).Code);

    [Fact]
    public async Task A_policy_without_authorization_is_refused() => Assert.Contains(
        "no authorization", (await Assert.ThrowsAsync<MillpondException>(() => Site.StartAsync(_ => EndpointAccess.ByPolicy("operators"), withAuthorization: false))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("c2hvcnQ=")]
    public void A_secret_that_is_none_opens_no_door(string? secret) =>
        Assert.Equal(ErrorCode.InvalidConfiguration, Assert.Throws<MillpondException>(() => EndpointAccess.BySecret(secret)).Code);

    [Fact]
    public async Task A_cache_that_is_not_there_is_refused() =>
        Assert.Contains("'other'", (await Assert.ThrowsAsync<MillpondException>(() => Site.StartAsync(cache: "other"))).Message, StringComparison.Ordinal);
}
