using Millpond.Redis.Layout;
using Millpond.Redis.Live.Tests.Live.Conformance;
using Millpond.Redis.Live.Tests.Live.Engines;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Live.Tests.Live.Clusters;

/// <summary>A keyspace over all nodes of a cluster, by scripts and without.</summary>
public sealed class Partitions
{
    private const int Count = 16;

    private static IEnumerable<PartitionId> All => Enumerable.Range(0, Count).Select(i => new PartitionId("test:spread", i));

    [Theory]
    [InlineData("scripts")]
    [InlineData("watched transactions")]
    public async Task Sixteen_partitions_are_read_filled_changed_and_heard_over_three_nodes(string steps)
    {
        await using var cluster = await (steps == "scripts" ? OneCluster.StartAsync() : OneCluster.StartAsync([.. Rights.Watched, .. Rights.InCluster]));
        await using var tier = new RedisSharedTier(cluster.Options);
        await using var other = new RedisSharedTier(cluster.Options);
        await tier.ConnectAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith($"(cluster), by {steps}", tier.Capabilities.Product, StringComparison.Ordinal);
        Assert.Empty(tier.Capabilities.Shortfalls);

        SharedKey[] keys = [.. Enumerable.Range(0, 160).Select(i => new SharedKey(All.ElementAt(i % Count), $"{i}"))];
        LeaseAsk[] asks = [.. keys.Select((_, i) => new LeaseAsk(new Nonce((ulong)i + 1, 9), TimeSpan.FromMinutes(1)))];
        var granted = await tier.ReadManyAsync(keys, asks, default);
        Assert.All(granted, reply => Assert.Equal(LeaseOutcome.Granted, reply.Lease));
        var fills = await tier.FillManyAsync([.. keys.Select((key, i) => new Fill(key, asks[i].Nonce, Record((byte)i, granted[i].State), TimeSpan.Zero))], default);
        Assert.All(fills, fill => Assert.Equal(FillOutcome.Stored, fill.Outcome));
        var read = await other.ReadManyAsync(keys, [], default);
        Assert.Equal(Enumerable.Range(0, keys.Length).Select(i => (byte)i), read.Select(reply => reply.Record!.Payload.Span[0]));

        var heard = new Heard();
        var subscriptions = await Task.WhenAll(All.Select(id => other.SubscribeAsync(id, heard, default).AsTask()));
        await Task.WhenAll(All.Select(id => tier.ChangeAsync(id, [Change.OfScope("#a"), Change.OfKey(keys[id.Index].Text)], default).AsTask()));
        await heard.UntilAsync(2 * Count);
        Assert.Equal(Count, heard.Partitions.Distinct().Count());
        foreach (var subscription in subscriptions)
        {
            await subscription.DisposeAsync();
        }

        Assert.Equal(3, (await Task.WhenAll(All.Select(id => NodeOfAsync(cluster, id)))).Distinct().Count());
    }

    private static SharedRecord Record(byte content, PartitionState loadedAt) => new()
    {
        Kind = RecordKind.Value,
        Payload = new[] { content },
        TimeToLive = TimeSpan.FromMinutes(1),
        HardTimeToLive = TimeSpan.FromMinutes(1),
        Stamp = loadedAt.Sequence,
        Incarnation = loadedAt.Incarnation,
    };

    private static async Task<string> NodeOfAsync(IDeployment cluster, PartitionId id)
    {
        var keys = new PartitionKeys(id, Count);
        Assert.Equal(1, (await cluster.TellAsync(new RespCommand("EXISTS", keys.Control))).Integer);
        return (await cluster.TellAsync(new RespCommand("CLUSTER", "MYID") { Slot = keys.Slot })).Text!;
    }

    private sealed class Heard : IPushSink
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<PartitionId> _partitions = new();

        public IEnumerable<PartitionId> Partitions => _partitions;

        public void OnChange(PartitionId partition, Incarnation incarnation, in SequencedChange change) => _partitions.Enqueue(partition);

        public void OnBroken(PartitionId partition, string reason) => throw new InvalidOperationException(reason);

        public async Task UntilAsync(int count)
        {
            for (var attempt = 0; _partitions.Count < count; attempt++)
            {
                Assert.True(attempt < 500, $"{_partitions.Count} of {count} messages arrived");
                await Task.Delay(10);
            }
        }
    }
}
