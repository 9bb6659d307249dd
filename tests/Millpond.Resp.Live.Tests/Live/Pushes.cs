using Millpond.Engines.Live;

namespace Millpond.Resp.Live.Tests.Live;

public class Pushes(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Published_messages_arrive_in_order_by_name_and_by_pattern(int protocol)
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse($"{server.Address},protocol={protocol}"));
        var (plain, pattern) = (new Listener(), new Listener());
        await using var one = await client.SubscribeAsync(RespChannel.Plain("news"), plain);
        await using var two = await client.SubscribeAsync(RespChannel.Pattern("ne*"), pattern);
        for (var i = 0; i < 500; i++)
        {
            await client.ExecuteAsync("PUBLISH", "news", $"{i}");
        }

        await plain.UntilAsync("news|499");
        await pattern.UntilAsync("news|499");
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"news|{i}").Prepend("live"), plain.Told);
        Assert.Equal(plain.Told, pattern.Told);
    }

    [Fact]
    public async Task A_killed_server_is_a_gap_that_ends_with_the_next_confirmation()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        var listener = new Listener();
        await using var subscription = await client.SubscribeAsync(RespChannel.Plain("news"), listener);
        await server.KillAsync();
        await listener.UntilAsync("gap");
        Assert.False(subscription.IsLive);
        await server.LaunchAsync();
        await listener.UntilAsync("live", 2);
        Assert.True(subscription.IsLive);
        while ((await client.ExecuteAsync("PUBLISH", "news", "back")).Integer == 0)
        {
            await Task.Delay(10);
        }

        await listener.UntilAsync("news|back");
        Assert.Equal(["live", "gap", "live", "news|back"], listener.Told);
    }

    [Fact]
    public async Task A_frozen_server_is_a_gap_within_twice_the_keep_alive()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address + ",keepAlive=1,connectTimeout=500"));
        var listener = new Listener();
        await using var subscription = await client.SubscribeAsync(RespChannel.Plain("news"), listener);
        await server.PauseAsync();
        await listener.UntilAsync("gap");
        await server.ResumeAsync();
        await listener.UntilAsync("live", 2);
    }

    [Fact]
    public async Task Tracked_keys_are_told_by_prefix_whoever_changes_them_and_a_flush_is_a_gap()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        var listener = new Listener();
        await using var subscription = await client.SubscribeAsync(RespChannel.Tracked("price:"), listener);
        await client.ExecuteAsync("SET", "other:1", "v");
        await client.ExecuteAsync("SET", "price:1", "v");
        await client.ExecuteAsync("DEL", "price:1");
        await listener.UntilAsync("|price:1", 2);
        await client.ExecuteAsync("FLUSHALL");
        await listener.UntilAsync("live", 2);
        Assert.Equal(["live", "|price:1", "|price:1", "gap", "live"], listener.Told);
    }

    [Fact]
    public async Task A_subscription_that_the_server_does_not_allow_is_refused_and_others_go_on()
    {
        await using var server = await RedisServer.StartAsync("--user", "app", "on", ">secret", "~*", "&open*", "+@all");
        await using var client = new RespClient(RespOptions.Parse(server.Address + ",user=app,password=secret"));
        var listener = new Listener();
        await using var subscription = await client.SubscribeAsync(RespChannel.Plain("open"), listener);
        Assert.Equal("NOPERM", (await Assert.ThrowsAsync<RespServerException>(() => client.SubscribeAsync(RespChannel.Plain("closed"), new Listener()).AsTask())).Kind);
        await client.ExecuteAsync("PUBLISH", "open", "1");
        await listener.UntilAsync("open|1");
        Assert.Equal(["live", "open|1"], listener.Told);
    }

    [Fact]
    public async Task A_garnet_publishes_too_and_says_that_it_does_not_track()
    {
        await using var server = await GarnetServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        var listener = new Listener();
        await using var subscription = await client.SubscribeAsync(RespChannel.Plain("news"), listener);
        await client.ExecuteAsync("PUBLISH", "news", "1");
        await listener.UntilAsync("news|1");
        await Assert.ThrowsAsync<RespServerException>(() => client.SubscribeAsync(RespChannel.Tracked(""), new Listener()).AsTask());
    }

    [Fact]
    public async Task In_a_cluster_sharded_channels_and_tracked_keys_are_heard_where_they_are()
    {
        await using var client = new RespClient(RespOptions.Parse(fixture.Cluster.Configuration));
        var (sharded, tracked, plain) = (new Listener(), new Listener(), new Listener());
        await using var one = await client.SubscribeAsync(RespChannel.Sharded("shard:7"), sharded);
        await using var two = await client.SubscribeAsync(RespChannel.Tracked("tracked:"), tracked);
        await using var three = await client.SubscribeAsync(RespChannel.Plain("plain"), plain);
        await client.ExecuteAsync("SPUBLISH", "shard:7", "s");
        for (var i = 0; i < 20; i++)
        {
            await client.ExecuteAsync("SET", $"tracked:{i}", "v");
        }

        await client.ExecuteAsync("PUBLISH", "plain", "p");
        await sharded.UntilAsync("shard:7|s");
        await plain.UntilAsync("plain|p");
        for (var i = 0; i < 20; i++)
        {
            await tracked.UntilAsync($"|tracked:{i}");
        }
    }
}
