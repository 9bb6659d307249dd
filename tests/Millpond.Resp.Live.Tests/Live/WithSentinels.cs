using Millpond.Engines.Live;

namespace Millpond.Resp.Live.Tests.Live;

public class WithSentinels
{
    [Fact]
    public async Task A_primary_that_dies_is_followed_to_its_successor_by_calls_and_subscriptions()
    {
        await using var set = await SentinelSet.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(set.Configuration + ",timeout=1000"));
        var listener = new Listener();
        await using var subscription = await client.SubscribeAsync(RespChannel.Plain("news"), listener);
        await using var load = new Workload(client);
        await load.UntilAnsweredAsync(1_000);
        var before = client.Servers.Single();
        await set.SettledAsync();
        await set.Primary.KillAsync();
        await load.UntilFailedAsync();
        await load.UntilAnsweredAsync(1_000);
        var after = client.Servers.Single(s => s.Node == set.Replica.Address);
        Assert.Equal(RespRole.Primary, after.Role);
        Assert.NotEqual(before.Incarnation, after.Incarnation);
        await listener.UntilAsync("live", 2);
        await client.ExecuteAsync("PUBLISH", "news", "1");
        await listener.UntilAsync("news|1");
        Assert.Equal(["live", "gap", "live", "news|1"], listener.Told);
    }

    [Fact]
    public async Task A_former_primary_that_wakes_up_is_not_used()
    {
        await using var set = await SentinelSet.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(set.Configuration + ",timeout=1000,keepAlive=1,connectTimeout=1000"));
        await using var load = new Workload(client);
        await load.UntilAnsweredAsync(1_000);
        await set.SettledAsync();
        await set.Primary.PauseAsync();
        await load.UntilFailedAsync();
        await load.UntilAnsweredAsync(1_000);
        await set.Primary.ResumeAsync();
        await load.UntilAnsweredAsync(2_000);
        Assert.All(client.Servers, s => Assert.Equal(set.Replica.Address, s.Node));
    }

    [Fact]
    public async Task A_sentinel_that_is_away_is_made_up_for_by_the_others()
    {
        await using var set = await SentinelSet.StartAsync();
        await set.Sentinels[0].KillAsync();
        await using var client = new RespClient(RespOptions.Parse(set.Configuration));
        Assert.Equal("PONG", (await client.ExecuteAsync("PING")).Text);
    }

    [Fact]
    public async Task An_unknown_service_name_is_told_with_the_sentinels_words()
    {
        await using var set = await SentinelSet.StartAsync();
        await using var client = new RespClient(RespOptions.Parse($"{set.Sentinels[0].Address},serviceName=unknown,timeout=500"));
        Assert.Contains("serviceName", (await Assert.ThrowsAsync<RespException>(() => client.ExecuteAsync("PING").AsTask())).Message, StringComparison.Ordinal);
    }
}
