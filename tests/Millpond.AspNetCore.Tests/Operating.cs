using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Millpond.AspNetCore.Tests;

/// <summary>What operators ask of a cache by HTTP.</summary>
public sealed class Operating
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Status_tells_how_the_cache_stands()
    {
        await using var site = await Site.StartAsync();
        await site.Things.GetAsync(7, Token);
        var (status, answer) = await site.AskAsync(HttpMethod.Get, "status");
        Assert.Equal(HttpStatusCode.OK, status);
        using var said = JsonDocument.Parse(answer);
        Assert.Equal("Healthy", said.RootElement.GetProperty("health").GetString());
        var things = said.RootElement.GetProperty("statistics").GetProperty("keyspaces").EnumerateArray().Single(one => one.GetProperty("name").GetString() == "thing");
        Assert.Equal((1, 1), (things.GetProperty("loads").GetInt64(), things.GetProperty("localEntries").GetInt32()));

        await site.PoisonAsync(5);
        using var sick = JsonDocument.Parse((await site.AskAsync(HttpMethod.Get, "status")).Answer);
        Assert.Equal("Degraded", sick.RootElement.GetProperty("health").GetString());
        Assert.Equal(1, sick.RootElement.GetProperty("statistics").GetProperty("writeBehind")[0].GetProperty("deadLetters").GetInt64());
    }

    [Fact]
    public async Task Dead_letters_are_listed_in_pages_without_their_values()
    {
        await using var site = await Site.StartAsync();
        await site.PoisonAsync(5, 6, 7);
        var (status, first) = await site.AskAsync(HttpMethod.Get, "dead-letters/draft?max=2");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain("poison", first, StringComparison.Ordinal);
        using var page = JsonDocument.Parse(first);
        Assert.Equal(["5", "6"], Keys(page));
        using var rest = JsonDocument.Parse((await site.AskAsync(HttpMethod.Get, $"dead-letters/draft?max=2&after={page.RootElement.GetProperty("next").GetInt64()}")).Answer);
        Assert.Equal(["7"], Keys(rest));
        Assert.Equal(JsonValueKind.Null, rest.RootElement.GetProperty("next").ValueKind);

        static string[] Keys(JsonDocument page) => [.. page.RootElement.GetProperty("letters").EnumerateArray().Select(one => one.GetProperty("key").GetString()!)];
    }

    [Fact]
    public async Task A_retry_says_what_is_in_the_source_and_what_is_left()
    {
        await using var site = await Site.StartAsync();
        await site.PoisonAsync(5, 6);
        Assert.Equal((HttpStatusCode.OK, """{"written":0,"left":1}"""), await RetryAsync("""{"key":"5"}"""));
        site.Source.Refuses = item => item.Key == 6;
        Assert.Equal((HttpStatusCode.OK, """{"written":1,"left":1}"""), await RetryAsync("""{"all":true}"""));
        site.Source.Refuses = null;
        Assert.Equal((HttpStatusCode.OK, """{"written":1,"left":0}"""), await RetryAsync("""{"key":"6"}"""));
        Assert.Equal(2, site.Source.Rows.Count);
        Assert.Equal(HttpStatusCode.BadRequest, (await RetryAsync("{}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await RetryAsync("""{"key":"5","all":true}""")).Status);

        Task<(HttpStatusCode Status, string)> RetryAsync(string ask) => site.AskAsync(HttpMethod.Post, "dead-letters/draft/retry", ask);
    }

    [Fact]
    public async Task A_source_that_fails_leaves_the_letters_and_is_to_be_asked_again()
    {
        await using var site = await Site.StartAsync();
        await site.PoisonAsync(5);
        site.Source.BeforeApply = _ => throw new TimeoutException("the database is away");
        var (status, answer) = await site.AskAsync(HttpMethod.Post, "dead-letters/draft/retry", """{"all":true}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("the database is away", answer, StringComparison.Ordinal);
        Assert.Single(await site.Services.GetRequiredService<ICache>().WriteBehind("draft").DeadLettersAsync(cancellationToken: Token));
    }

    [Fact]
    public async Task A_key_is_given_up_as_far_as_somebody_has_seen_it()
    {
        await using var site = await Site.StartAsync();
        await site.PoisonAsync(5);
        var behind = site.Services.GetRequiredService<ICache>().WriteBehind("draft");
        var seen = (await behind.DeadLettersAsync(cancellationToken: Token)).Single().Record.Position;
        await site.PoisonAsync(5);
        Assert.Equal((HttpStatusCode.OK, """{"discarded":1,"left":1}"""), await site.AskAsync(HttpMethod.Post, "dead-letters/draft/discard", $$"""{"key":"5","through":{{seen}}}"""));
        Assert.Equal(HttpStatusCode.BadRequest, (await site.AskAsync(HttpMethod.Post, "dead-letters/draft/discard", """{"key":"5"}""")).Status);
        Assert.Single(await behind.DeadLettersAsync(cancellationToken: Token));
    }

    [Fact]
    public async Task An_instance_that_does_not_flush_says_so()
    {
        await using var site = await Site.StartAsync();
        await site.PoisonAsync(5);
        await using var other = await Site.StartAsync(journal: site.Journal);
        var (status, answer) = await other.AskAsync(HttpMethod.Post, "dead-letters/draft/retry", """{"all":true}""");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("MP1409", answer, StringComparison.Ordinal);
        Assert.Contains("\"5\"", (await other.AskAsync(HttpMethod.Get, "dead-letters/draft")).Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trail_is_read_in_pages_by_key_and_time_without_values()
    {
        await using var site = await Site.StartAsync();
        site.Journal.Trail = new() { AgeMax = TimeSpan.FromDays(1), BytesMax = 1 << 20 };
        await site.PoisonAsync(5, 6, 7);
        site.Source.Refuses = null;
        await site.Services.GetRequiredService<ICache>().WriteBehind("draft").RetryDeadLettersAsync(cancellationToken: Token);
        var (status, text) = await site.AskAsync(HttpMethod.Get, "trail/draft?max=2");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain("\"poison\"", text, StringComparison.Ordinal);
        Assert.Contains("\"settlement\":\"Retried\"", text, StringComparison.Ordinal);
        using var page = JsonDocument.Parse(text);
        Assert.Equal(["5", "6"], Keys(text));
        Assert.Equal(["7"], Keys((await site.AskAsync(HttpMethod.Get, $"trail/draft?after={page.RootElement.GetProperty("next").GetString()}")).Answer));
        Assert.Equal(["6"], Keys((await site.AskAsync(HttpMethod.Get, "trail/draft?key=6")).Answer));
        var middle = Uri.EscapeDataString(page.RootElement.GetProperty("records")[1].GetProperty("settledAt").GetString()!);
        Assert.Equal(["6", "7"], Keys((await site.AskAsync(HttpMethod.Get, $"trail/draft?from={middle}")).Answer));
        Assert.Equal(["5"], Keys((await site.AskAsync(HttpMethod.Get, $"trail/draft?until={middle}")).Answer));

        static string[] Keys(string answer)
        {
            using var page = JsonDocument.Parse(answer);
            return [.. page.RootElement.GetProperty("records").EnumerateArray().Select(one => one.GetProperty("key").GetString()!)];
        }
    }

    [Fact]
    public async Task A_journal_without_a_trail_says_so()
    {
        await using var site = await Site.StartAsync();
        var (status, answer) = await site.AskAsync(HttpMethod.Get, "trail/draft");
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("MP1410", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trail/thing", HttpStatusCode.NotFound)]
    [InlineData("trail/draft?max=1001", HttpStatusCode.BadRequest)]
    [InlineData("trail/draft?from=noon", HttpStatusCode.BadRequest)]
    [InlineData("trail/draft?after=5", HttpStatusCode.BadRequest)]
    [InlineData("dead-letters/thing", HttpStatusCode.NotFound)]
    [InlineData("dead-letters/draft?max=0", HttpStatusCode.BadRequest)]
    [InlineData("dead-letters/draft?max=1001", HttpStatusCode.BadRequest)]
    [InlineData("dead-letters/draft?after=-1", HttpStatusCode.BadRequest)]
    [InlineData("dead-letters/draft?after=x", HttpStatusCode.BadRequest)]
    public async Task What_is_not_there_is_refused(string path, HttpStatusCode expected)
    {
        await using var site = await Site.StartAsync();
        Assert.Equal(expected, (await site.AskAsync(HttpMethod.Get, path)).Status);
    }

    [Fact]
    public async Task Whoever_does_not_send_the_secret_itself_is_sent_away()
    {
        await using var site = await Site.StartAsync();
        await site.PoisonAsync(5);
        foreach (var (method, path, body) in ((HttpMethod, string, string?)[])
        [
            (HttpMethod.Get, "status", null), (HttpMethod.Get, "trail/draft", null), (HttpMethod.Get, "dead-letters/draft", null), (HttpMethod.Post, "dead-letters/draft/retry", """{"all":true}"""), (HttpMethod.Post, "dead-letters/draft/discard", """{"key":"5","through":99}"""),
        ])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await site.AskAsync(method, path, body, _ => { })).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await site.AskAsync(method, path, body, request => Site.Sign(request, body ?? ""))).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await site.AskAsync(method, path, body, request => request.Headers.Authorization = new("Bearer", "other"))).Status);
        }

        Assert.Single(await site.Services.GetRequiredService<ICache>().WriteBehind("draft").DeadLettersAsync(cancellationToken: Token));
    }

    [Fact]
    public async Task Access_by_a_policy_is_left_to_the_application()
    {
        await using var site = await Site.StartAsync(_ => EndpointAccess.ByPolicy("operators"));
        Assert.All(site.Services.GetRequiredService<EndpointDataSource>().Endpoints, one => Assert.Contains(one.Metadata.GetOrderedMetadata<IAuthorizeData>(), data => data.Policy == "operators"));
    }
}
