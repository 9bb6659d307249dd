using Millpond.Engines.Live;

namespace Millpond.Resp.Live.Tests.Live;

public class InGarnetCluster(InGarnetCluster.Fixture fixture) : IClassFixture<InGarnetCluster.Fixture>
{
    [Fact]
    public async Task Keys_go_to_the_nodes_that_own_them_one_by_one_and_in_batches()
    {
        await using var client = new RespClient(RespOptions.Parse(fixture.Cluster.Configuration));
        for (var i = 0; i < 200; i++)
        {
            await client.ExecuteAsync("SET", $"key:{i}", $"value of {i}");
        }

        Assert.Equal(3, client.Servers.Count);
        Assert.All(client.Servers, s => Assert.Equal((RespProduct.Garnet, true), (s.Product, s.IsCluster)));
        var outcomes = new RespOutcome<RespValue>[200];
        await client.SendBatchAsync<RespCommand, RespValue>(Enumerable.Range(0, 200).Select(i => new RespCommand("GET", $"key:{i}")).ToArray(), outcomes);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"value of {i}"), outcomes.Select(o => o.Result!.Text));
    }

    [Fact]
    public async Task One_node_is_enough_to_find_out_that_it_is_a_cluster()
    {
        await using var client = new RespClient(RespOptions.Parse(fixture.Cluster.Nodes[0].Address));
        for (var i = 0; i < 50; i++)
        {
            await client.ExecuteAsync("SET", $"own:{i}", $"{i}");
            Assert.Equal($"{i}", (await client.ExecuteAsync("GET", $"own:{i}")).Text);
        }

        Assert.Equal(3, client.Servers.Count);
    }

    /// <summary>One cluster for all tests here: each uses keys of its own.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        public GarnetClusterSet Cluster { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Cluster = await GarnetClusterSet.StartAsync();

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }
}
