using Millpond.Resp;

namespace Millpond.Engines.Live;

/// <summary>A cluster of three Garnet primaries without replicas, whose failover is passive anyway: somebody must ask for it.</summary>
public sealed class GarnetClusterSet : IAsyncDisposable
{
    private const int Primaries = 3;

    private GarnetClusterSet(GarnetServer[] nodes) => Nodes = nodes;

    /// <summary>The primaries, by the slots they were given.</summary>
    public IReadOnlyList<GarnetServer> Nodes { get; }

    /// <summary>What a client is configured with.</summary>
    public string Configuration => string.Join(',', Nodes.Take(2).Select(n => n.Address)) + ",mode=cluster";

    /// <summary>Starts three nodes and joins them.</summary>
    public static async Task<GarnetClusterSet> StartAsync()
    {
        var set = new GarnetClusterSet(await Task.WhenAll(Enumerable.Range(0, Primaries).Select(_ => GarnetServer.StartClusteredAsync())));
        try
        {
            await set.JoinAsync();
            return set;
        }
        catch
        {
            await set.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }
    }

    private async Task JoinAsync()
    {
        var direct = Nodes.Select(n => new RespClient(RespOptions.Parse(n.Address + ",mode=single,timeout=10000"))).ToArray();
        for (var i = 0; i < Primaries; i++)
        {
            await direct[i].ExecuteAsync("CLUSTER", "SET-CONFIG-EPOCH", i + 1);
            await direct[i].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", RespSlot.Count * i / Primaries, (RespSlot.Count * (i + 1) / Primaries) - 1);
        }

        for (var i = 1; i < Primaries; i++)
        {
            await direct[0].ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", Nodes[i].Port);
        }

        foreach (var client in direct)
        {
            // Word of who serves what goes round once a second.
            for (var i = 0; (await client.ExecuteAsync("CLUSTER", "SLOTS")).Items.Count != Primaries; i++)
            {
                if (i > 1_500)
                {
                    throw new InvalidOperationException("The Garnet nodes did not become a cluster: " + (await client.ExecuteAsync("CLUSTER", "NODES")).Text);
                }

                await Task.Delay(20);
            }

            await client.DisposeAsync();
        }
    }
}
