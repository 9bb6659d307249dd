using Millpond.Engines.Live;
using Millpond.Redis.Live.Tests.Live.Engines;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Live.Tests.Live.Watched;

/// <summary>How steps are made is found out by trying what the login may do.</summary>
public sealed class Choosing
{
    private static readonly string[] Login = ["--user", "app", "on", ">secret"];

    [Theory]
    [InlineData("scripts", new[] { "~*", "&*", "+@all" })]
    [InlineData("watched transactions", new[] { "~*", "&*", "+@all", "-@scripting" })]
    [InlineData("watched transactions", new[] { "~*", "&*", "+@all", "-evalsha" })]
    [InlineData("watched transactions", new[] { "~*", "&*", "+@all", "-script" })]
    [InlineData("scripts", new[] { "~*", "&*", "+@all", "-@transaction" })]
    public async Task The_best_way_that_the_login_allows_is_taken(string steps, string[] rights)
    {
        await using var server = await RedisServer.StartAsync([.. Login, .. rights]);
        await using var tier = Tier(server);
        await tier.ConnectAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith($", by {steps}", tier.Capabilities.Product, StringComparison.Ordinal);
        Assert.Empty(tier.Capabilities.Shortfalls);
    }

    [Theory]
    [InlineData("-watch")]
    [InlineData("-multi")]
    [InlineData("-exec")]
    public async Task A_login_with_neither_way_is_refused_with_what_to_allow(string denied)
    {
        await using var server = await RedisServer.StartAsync([.. Login, "~*", "&*", "+@all", "-@scripting", denied]);
        await using var tier = Tier(server);
        var refused = await Assert.ThrowsAsync<MillpondException>(() => tier.ConnectAsync(TestContext.Current.CancellationToken).AsTask());
        Assert.Equal(ErrorCode.SharedTierUnfit, refused.Code);
        Assert.Contains("+evalsha", refused.Message, StringComparison.Ordinal);
        Assert.Contains("+watch", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_lists_the_rights_that_the_conformance_runs_have()
    {
        using var stream = typeof(Choosing).Assembly.GetManifestResourceStream("redis.md")!;
        using var page = new StreamReader(stream);
        var text = await page.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.Contains(string.Join(' ', Rights.Scripted.Where(right => right[0] == '+')), text, StringComparison.Ordinal);
        Assert.Contains(string.Join(' ', Rights.Watched.Where(right => right[0] == '+')), text, StringComparison.Ordinal);
        Assert.Contains(string.Join(' ', Rights.Journals.Where(right => right[0] == '+')), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_right_that_is_missing_is_named_when_a_step_needs_it()
    {
        await using var server = await RedisServer.StartAsync([.. Login, .. Rights.Watched, "-getrange"]);
        await using var tier = Tier(server);
        await tier.ConnectAsync(TestContext.Current.CancellationToken);
        var failed = await Assert.ThrowsAsync<SharedTierException>(() =>
            tier.AcquireAsync(new SharedKey(new PartitionId("test:x", 0), "1"), new LeaseAsk(new Nonce(1, 2), TimeSpan.FromSeconds(1)), TestContext.Current.CancellationToken).AsTask());
        Assert.Contains("getrange", failed.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("docs/redis.md", failed.Message, StringComparison.Ordinal);
    }

    private static RedisSharedTier Tier(RedisServer server) => new(new RedisSharedTierOptions { Connection = RespOptions.Parse(server.Address + ",user=app,password=secret,timeout=10000") });
}
