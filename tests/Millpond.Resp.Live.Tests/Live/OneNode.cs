using Millpond.Engines.Live;

namespace Millpond.Resp.Live.Tests.Live;

public class OneNode
{
    [Fact]
    public async Task A_redis_is_spoken_to_in_the_newer_protocol_and_says_who_it_is()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address + ",name=pond"));
        Assert.Equal("OK", (await client.ExecuteAsync("SET", "k", "v")).Text);
        Assert.Equal("v", (await client.ExecuteAsync("GET", "k")).Text);
        var said = Assert.Single(client.Servers);
        Assert.Equal((RespProduct.Redis, 7, 3, RespRole.Primary), (said.Product, said.Version.Major, said.Protocol, said.Role));
        Assert.Contains("name=pond", (await client.ExecuteAsync("CLIENT", "LIST")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_garnet_is_spoken_to_too()
    {
        await using var server = await GarnetServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        await client.ExecuteAsync("SET", "k", "v");
        Assert.Equal("v", (await client.ExecuteAsync("EVAL", "return redis.call('GET', KEYS[1])", 1, "k")).Text);
        Assert.Equal((RespProduct.Garnet, new Version(2, 2, 5)), (client.Servers[0].Product, client.Servers[0].Version));
    }

    [Fact]
    public async Task What_servers_can_do_is_found_out()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var garnet = await GarnetServer.StartAsync();
        await using var ofRedis = new RespClient(RespOptions.Parse(redis.Address));
        await using var ofOldProtocol = new RespClient(RespOptions.Parse(redis.Address + ",protocol=2"));
        await using var ofGarnet = new RespClient(RespOptions.Parse(garnet.Address));
        const RespCapabilities Redis7 = RespCapabilities.Scripts | RespCapabilities.Functions | RespCapabilities.Transactions | RespCapabilities.ShardedChannels;
        Assert.Equal(Redis7 | RespCapabilities.Tracking, (await ofRedis.ProbeAsync()).Capabilities);
        Assert.Equal(Redis7, (await ofOldProtocol.ProbeAsync()).Capabilities);
        const RespCapabilities Garnet2 = RespCapabilities.Scripts | RespCapabilities.Transactions | RespCapabilities.EntityTags;
        Assert.Equal(Garnet2, (await ofGarnet.ProbeAsync()).Capabilities & ~RespCapabilities.ShardedChannels);
    }

    [Fact]
    public async Task A_watched_transaction_fails_if_the_watched_key_changes_and_only_then()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        await using var session = await client.OpenSessionAsync();
        foreach (var isDisturbed in new[] { true, false })
        {
            await session.ExecuteAsync("WATCH", "k");
            if (isDisturbed)
            {
                await client.ExecuteAsync("SET", "k", "other");
            }

            await session.ExecuteAsync("MULTI");
            await session.ExecuteAsync("SET", "k", "mine");
            Assert.Equal(isDisturbed, (await session.ExecuteAsync("EXEC")).IsNull);
        }

        Assert.Equal("mine", (await client.ExecuteAsync("GET", "k")).Text);
    }

    [Fact]
    public async Task What_an_access_list_forbids_counts_as_not_there()
    {
        await using var server = await RedisServer.StartAsync("--user", "app", "on", ">secret", "~*", "+@all", "-@scripting");
        await using var client = new RespClient(RespOptions.Parse(server.Address + ",user=app,password=secret"));
        Assert.False((await client.ProbeAsync()).Capabilities.HasFlag(RespCapabilities.Scripts));
        Assert.True((await client.ProbeAsync()).Capabilities.HasFlag(RespCapabilities.Transactions));
    }

    [Fact]
    public async Task Both_protocols_give_the_same_values()
    {
        await using var server = await RedisServer.StartAsync();
        foreach (var protocol in new[] { 2, 3 })
        {
            await using var client = new RespClient(RespOptions.Parse($"{server.Address},protocol={protocol}"));
            await client.ExecuteAsync("HSET", "h", "field", "value");
            Assert.Equal("value", (await client.ExecuteAsync("HGETALL", "h")).Find("field")!.Text);
            Assert.True((await client.ExecuteAsync("GET", "absent")).IsNull);
            Assert.Equal(protocol, client.Servers[0].Protocol);
        }
    }

    [Fact]
    public async Task A_unix_socket_serves()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse("unix://" + server.SocketPath));
        Assert.Equal("PONG", (await client.ExecuteAsync("PING")).Text);
    }

    [Fact]
    public async Task Values_of_every_size_come_back_as_they_went()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address + ",timeout=20000"));
        var random = new Random(1);
        await Task.WhenAll(new[] { 0, 1, 100, 32_767, 32_768, 65_536, 1_000_000, 20_000_000 }.Select(async size =>
        {
            var value = new byte[size];
            random.NextBytes(value);
            await client.ExecuteAsync("SET", $"size:{size}", value);
            Assert.True((await client.ExecuteAsync("GET", $"size:{size}")).Bytes.Span.SequenceEqual(value));
        }));
    }

    [Fact]
    public async Task A_user_of_the_access_list_may_what_the_list_allows()
    {
        await using var server = await RedisServer.StartAsync("--user", "app", "on", ">secret", "~app:*", "+get", "+set", "+hello", "+client|setname");
        await using var client = new RespClient(RespOptions.Parse(server.Address + ",user=app,password=secret"));
        Assert.Equal("OK", (await client.ExecuteAsync("SET", "app:1", "v")).Text);
        Assert.Equal("NOPERM", (await Assert.ThrowsAsync<RespServerException>(() => client.ExecuteAsync("SET", "other", "v").AsTask())).Kind);
        await using var stranger = new RespClient(RespOptions.Parse(server.Address + ",user=app,password=wrong"));
        Assert.Equal(RespErrorCode.HandshakeRefused, (await Assert.ThrowsAsync<RespException>(() => stranger.ExecuteAsync("GET", "app:1").AsTask())).Code);
    }

    [Fact]
    public async Task A_full_memory_is_an_error_of_the_write_and_reads_go_on()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "3mb", "--maxmemory-policy", "noeviction");
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        await client.ExecuteAsync("SET", "kept", "v");
        RespServerException? full = null;
        for (var i = 0; full is null && i < 1_000; i++)
        {
            try
            {
                await client.ExecuteAsync("SET", $"fill:{i}", new byte[50_000]);
            }
            catch (RespServerException error)
            {
                full = error;
            }
        }

        Assert.Equal("OOM", full!.Kind);
        Assert.Equal("v", (await client.ExecuteAsync("GET", "kept")).Text);
    }

    [Fact]
    public async Task A_flushed_script_is_a_server_error_that_names_itself()
    {
        await using var server = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        var sha = (await client.ExecuteAsync("SCRIPT", "LOAD", "return 1")).Text!;
        Assert.Equal(1, (await client.ExecuteAsync("EVALSHA", sha, 0)).Integer);
        await client.ExecuteAsync("SCRIPT", "FLUSH");
        Assert.Equal("NOSCRIPT", (await Assert.ThrowsAsync<RespServerException>(() => client.ExecuteAsync("EVALSHA", sha, 0).AsTask())).Kind);
    }
}
