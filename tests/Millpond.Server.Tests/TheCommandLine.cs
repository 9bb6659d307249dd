using Microsoft.Extensions.DependencyInjection;
using Millpond.AspNetCore.Tests;
using Millpond.Server.Commands;

namespace Millpond.Server.Tests;

/// <summary>The program millpond, from its arguments to a running program's cache and back to its exit status.</summary>
public sealed class TheCommandLine
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Keys_and_tags_are_invalidated()
    {
        await using var site = await Site.StartAsync();
        await site.Things.GetManyAsync([-5, 6, 7, 8], cancellationToken: Token);
        Assert.Equal((0, "thing: 2 keys and 1 tag invalidated; every process has been told.\n", ""), await RunAsync(site, "invalidate thing --key -5 6 --tag t7"));
        Assert.Equal((false, false, false, true), (site.Things.TryPeek(-5, out _), site.Things.TryPeek(6, out _), site.Things.TryPeek(7, out _), site.Things.TryPeek(8, out _)));
        Assert.Equal((0, """{"keys":0,"tags":0,"all":true,"isTold":true}""" + "\n", ""), await RunAsync(site, "invalidate thing --all --json"));
        Assert.False(site.Things.TryPeek(8, out _));
    }

    [Fact]
    public async Task What_is_refused_is_named_and_ends_with_1()
    {
        await using var site = await Site.StartAsync();
        var (code, print, error) = await RunAsync(site, "invalidate thing --key 7 seven @8");
        Assert.Equal((1, ""), (code, print));
        Assert.Contains("MP1105", error, StringComparison.Ordinal);
        Assert.Contains("'seven', '@8'", error, StringComparison.Ordinal);
        Assert.Contains("no keyspace 'other'", (await RunAsync(site, "invalidate other --all")).Error, StringComparison.Ordinal);
        var json = await RunAsync(site, "invalidate other --all --json");
        Assert.Equal(1, json.Code);
        Assert.Contains("\"code\":\"MP1002\"", json.Print, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_not_known_or_finds_nothing_is_told_what_to_look_at()
    {
        await using var site = await Site.StartAsync();
        var (code, _, error) = await RunAsync(site, "status", secret: "other");
        Assert.Equal(1, code);
        Assert.Contains("does not know this secret", error, StringComparison.Ordinal);
        (code, _, error) = await RunAsync(site, "status", url: "http://localhost/elsewhere");
        Assert.Equal(1, code);
        Assert.Contains("MapMillpondAdmin", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shared_tier_or_a_program_that_is_away_ends_with_3()
    {
        await using var site = await Site.StartAsync();
        await site.Things.GetAsync(7, Token);
        site.Tier.Operations.IsDown = true;
        var (code, _, error) = await RunAsync(site, "invalidate thing --key 7");
        Assert.Equal(3, code);
        Assert.Contains("Send the purge again", error, StringComparison.Ordinal);
        (code, _, error) = await RunAsync(null, "status");
        Assert.Equal(3, code);
        Assert.Contains("nobody is there", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("purge thing")]
    [InlineData("invalidate")]
    [InlineData("invalidate thing")]
    [InlineData("invalidate thing --key")]
    [InlineData("dead-letters")]
    [InlineData("trail")]
    [InlineData("trail draft --max many")]
    [InlineData("dead-letters retry draft")]
    [InlineData("dead-letters retry draft --key 5 --all")]
    [InlineData("dead-letters discard draft --key 5")]
    [InlineData("dead-letters list draft --max many")]
    public async Task A_wrong_command_line_asks_nobody_and_ends_with_2(string arguments)
    {
        var (code, print, error) = await RunAsync(null, arguments);
        Assert.Equal((2, ""), (code, print));
        Assert.Contains("--help", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_secret_comes_from_a_file_or_the_environment_and_goes_to_no_other_machine_in_the_open()
    {
        await using var site = await Site.StartAsync();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, Site.Secret + Environment.NewLine, Token);
            Assert.Equal(0, (await RunAsync(site, $"status --secret-file {file}", secret: null)).Code);
            await File.WriteAllTextAsync(file, "two words", Token);
            Assert.Equal(2, (await RunAsync(site, $"status --secret-file {file}", secret: null)).Code);
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Equal(2, (await RunAsync(site, $"status --secret-file {file}", secret: null)).Code);
        Assert.Equal(2, (await RunAsync(site, "status", secret: null)).Code);
        Assert.Equal(2, (await RunAsync(site, "status", url: null)).Code);
        Assert.Equal(2, (await RunAsync(site, "status", url: "shop.example")).Code);
        Assert.Equal(2, (await RunAsync(site, "status", url: "http://shop.example/millpond")).Code);
        Assert.Equal(0, (await RunAsync(site, "status", url: "https://shop.example/millpond")).Code);
        Assert.Equal(0, (await RunAsync(site, "status --allow-http", url: "http://shop.example/millpond")).Code);
        Assert.Equal(0, (await RunAsync(site, "status --url http://localhost/millpond/", url: "http://shop.example/")).Code);
    }

    [Fact]
    public async Task Dead_letters_are_listed_retried_and_given_up()
    {
        await using var site = await Site.StartAsync();
        await site.PoisonAsync(5, 6);
        var (code, print, _) = await RunAsync(site, "dead-letters list draft --max 1");
        Assert.Equal(0, code);
        Assert.Contains("POSITION  KEY  KIND", print, StringComparison.Ordinal);
        Assert.Contains("more: --after ", print, StringComparison.Ordinal);
        Assert.Contains("1 dead letter\n", (await RunAsync(site, $"dead-letters list draft --after {print.Split("--after ")[1].Trim()}")).Print, StringComparison.Ordinal);

        Assert.Equal((1, "0 letters in the source now, 2 refused again\n", ""), await RunAsync(site, "dead-letters retry draft --all"));
        var last = (await site.Services.GetRequiredService<ICache>().WriteBehind("draft").DeadLettersAsync(cancellationToken: Token))[^1];
        Assert.Equal((0, "1 letter given up, 0 of the key left\n", ""), await RunAsync(site, $"dead-letters discard draft --key 6 --through {last.Record.Position}"));
        site.Source.Refuses = null;
        Assert.Equal((0, "1 letter in the source now, 0 refused again\n", ""), await RunAsync(site, "dead-letters retry draft --key 5"));
        Assert.Equal((0, "no dead letters\n", ""), await RunAsync(site, "dead-letters list draft"));
        Assert.Equal([5], site.Source.Rows.Keys);
    }

    [Fact]
    public async Task A_trail_is_read_on_page_by_page()
    {
        await using var site = await Site.StartAsync();
        Assert.Contains("MP1410", (await RunAsync(site, "trail draft")).Error, StringComparison.Ordinal);
        site.Journal.Trail = new() { AgeMax = TimeSpan.FromDays(1), BytesMax = 1 << 20 };
        await site.PoisonAsync(5, 6);
        var behind = site.Services.GetRequiredService<ICache>().WriteBehind("draft");
        await behind.DiscardDeadLettersAsync("5", cancellationToken: Token);
        await behind.DiscardDeadLettersAsync("6", cancellationToken: Token);
        var (code, print, _) = await RunAsync(site, "trail draft --max 1 --from 2026-01-31T12:00:00Z");
        Assert.Equal(0, code);
        Assert.Contains("POSITION  KEY  KIND  BYTES", print, StringComparison.Ordinal);
        Assert.Contains("Discarded", print, StringComparison.Ordinal);
        var rest = (await RunAsync(site, $"trail draft --after {print.Split("--after ")[1].Split('\n')[0]}")).Print;
        Assert.Contains("1 record\n", rest, StringComparison.Ordinal);
        Assert.Contains("no records\n", (await RunAsync(site, "trail draft --key 7")).Print, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync(site, "trail draft --until noon")).Code);
    }

    [Fact]
    public async Task Status_shows_health_keyspaces_and_write_behind()
    {
        await using var site = await Site.StartAsync();
        await site.Things.GetAsync(7, Token);
        await site.PoisonAsync(5);
        var (code, print, error) = await RunAsync(site, "status");
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("default: Degraded. Cache default has 1 writes of draft", print, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^thing +1 +[\d,]+ +0 +1 +1 +yes +0 +used$", print);
        Assert.Matches(@"(?m)^draft +Flushing +memory +0 +1$", print);
    }

    [Fact]
    public async Task Help_is_no_failure() => Assert.Contains("Ends with 0", (await RunAsync(null, "--help")).Print, StringComparison.Ordinal);

    private static async Task<(int Code, string Print, string Error)> RunAsync(Site? site, string arguments, string? secret = Site.Secret, string? url = "http://localhost/millpond")
    {
        var (print, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await CommandLine.RunAsync(
            arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            new Terminal(print, error, name => name switch { "MILLPOND_SECRET" => secret, "MILLPOND_URL" => url, _ => null }, () => site?.Way() ?? new NobodyThere()));
        return (code, print.ToString(), error.ToString());
    }

    private sealed class NobodyThere : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => throw new HttpRequestException("nobody is there");
    }
}
