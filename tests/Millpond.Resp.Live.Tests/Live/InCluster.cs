using Millpond.Engines.Live;

namespace Millpond.Resp.Live.Tests.Live;

public class InCluster(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    private readonly ClusterSet _cluster = fixture.Cluster;

    [Fact]
    public async Task Keys_go_to_the_nodes_that_own_them()
    {
        await using var client = new RespClient(RespOptions.Parse(_cluster.Configuration));
        for (var i = 0; i < 200; i++)
        {
            await client.ExecuteAsync("SET", $"spread:{i}", $"value {i}");
            Assert.Equal($"value {i}", (await client.ExecuteAsync("GET", $"spread:{i}")).Text);
        }

        Assert.Equal(3, client.Servers.Count);
        Assert.All(client.Servers, s => Assert.True(s.IsCluster));
    }

    [Fact]
    public async Task A_cluster_is_found_out_from_one_of_its_nodes()
    {
        await using var client = new RespClient(RespOptions.Parse(_cluster.Nodes[1].Address));
        for (var i = 0; i < 50; i++)
        {
            await client.ExecuteAsync("SET", $"found:{i}", "v");
        }

        Assert.Equal(3, client.Servers.Count);
    }

    [Fact]
    public async Task Slots_are_computed_as_the_server_does()
    {
        var random = new Random(1);
        foreach (var key in new[] { "123456789", "{user1000}.following", "foo{}{bar}", "foo{{bar}}zap", "{a", "a}b{c}d", "" }.Concat(Enumerable.Range(0, 200).Select(_ => new string([.. Enumerable.Range(0, random.Next(20)).Select(_ => "ab{}é"[random.Next(5)])]))))
        {
            var told = (await _cluster.TellAsync(_cluster.Nodes[0], "CLUSTER", "KEYSLOT", key)).Integer;
            Assert.Equal(told, RespSlot.Of(System.Text.Encoding.UTF8.GetBytes(key)));
        }
    }

    [Fact]
    public async Task A_batch_is_split_by_node_and_its_outcomes_come_back_in_order()
    {
        await using var client = new RespClient(RespOptions.Parse(_cluster.Configuration));
        var sets = Enumerable.Range(0, 300).Select(i => new RespCommand("SET", $"batch:{i}", $"value {i}")).ToArray();
        var outcomes = new RespOutcome<RespValue>[300];
        await client.SendBatchAsync<RespCommand, RespValue>(sets, outcomes);
        Assert.All(outcomes, o => Assert.Equal("OK", o.Result.Text));
        var gets = Enumerable.Range(0, 300).Select(i => i % 10 == 9 ? new RespCommand("INCR", $"batch:{i}") : new RespCommand("GET", $"batch:{i}")).ToArray();
        await client.SendBatchAsync<RespCommand, RespValue>(gets, outcomes);
        for (var i = 0; i < 300; i++)
        {
            if (i % 10 == 9)
            {
                Assert.Equal("ERR", Assert.IsType<RespServerException>(outcomes[i].Error).Kind);
            }
            else
            {
                Assert.Equal($"value {i}", outcomes[i].Result.Text);
            }
        }
    }

    [Fact]
    public async Task Replicas_answer_reads_that_allow_it_and_primaries_the_others()
    {
        await using var client = new RespClient(RespOptions.Parse(_cluster.Configuration));
        await client.ExecuteAsync("SET", "replicated", "v");
        var slot = RespSlot.Of("replicated"u8);
        foreach (var (traits, role) in new[] { (RespTraits.Idempotent, "master"), (RespTraits.Idempotent | RespTraits.FromReplica, "slave") })
        {
            var told = await client.ExecuteAsync(new RespCommand("ROLE") { Slot = slot, Traits = traits });
            Assert.Equal(role, told.Items[0].Text);
        }
    }

    [Fact]
    public async Task Keys_of_several_slots_in_one_command_are_an_error_of_the_server()
    {
        await using var client = new RespClient(RespOptions.Parse(_cluster.Configuration));
        Assert.Equal("CROSSSLOT", (await Assert.ThrowsAsync<RespServerException>(() => client.ExecuteAsync("MGET", "a", "b").AsTask())).Kind);
    }

    [Fact]
    public async Task A_slot_that_moves_under_load_loses_no_call_and_mixes_no_replies()
    {
        await using var client = new RespClient(RespOptions.Parse(_cluster.Configuration + ",timeout=5000"));
        await using var load = new Workload(client);
        await load.UntilAnsweredAsync(500);
        var slots = Enumerable.Range(0, 16).Select(i => RespSlot.Of(System.Text.Encoding.UTF8.GetBytes($"key:{i}:1"))).Distinct().ToArray();
        foreach (var slot in slots)
        {
            await MoveAsync(slot);
        }

        await load.UntilAnsweredAsync(500);
        Assert.True(load.Failed == 0, string.Join(", ", load.Errors));
    }

    // As redis-cli does it: told to both, the keys one bunch after another, then told to all.
    private async Task MoveAsync(int slot)
    {
        var owners = (await _cluster.TellAsync(_cluster.Nodes[0], "CLUSTER", "SLOTS")).Items;
        var port = owners.Single(r => r.Items[0].Integer <= slot && slot <= r.Items[1].Integer).Items[2].Items[1].Integer;
        var from = _cluster.Nodes.Single(n => n.Port == port);
        var to = _cluster.Nodes.Take(3).First(n => n.Port != port);
        await _cluster.TellAsync(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", await _cluster.IdAsync(from));
        await _cluster.TellAsync(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", await _cluster.IdAsync(to));
        await Task.Delay(50);
        while ((await _cluster.TellAsync(from, "CLUSTER", "GETKEYSINSLOT", slot, 10)).Items is { Count: > 0 } keys)
        {
            await _cluster.TellAsync(from, "MIGRATE", ["127.0.0.1", to.Port, "", 0, 5000, "KEYS", .. keys.Select(k => (RespArgument)k.Text!)]);
        }

        var id = await _cluster.IdAsync(to);
        foreach (var node in new[] { to, from }.Concat(_cluster.Nodes.Take(3).Where(n => n != to && n != from)))
        {
            await _cluster.TellAsync(node, "CLUSTER", "SETSLOT", slot, "NODE", id);
        }
    }
}
