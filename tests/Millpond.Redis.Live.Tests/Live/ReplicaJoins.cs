using Millpond.Engines.Live;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Live.Tests.Live;

public class ReplicaJoins
{
    [Fact]
    public async Task A_first_replica_gives_the_primary_another_replication_id_and_no_new_life()
    {
        await using var primary = await RedisServer.StartAsync();
        await using var before = TierOn(primary);
        var partition = new PartitionId("shop:product:v1", 0);
        var known = await before.ReadControlAsync(partition, 0, Incarnation.Unknown, TestContext.Current.CancellationToken);
        var id = await ReplicationIdAsync(before);

        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", primary.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        while (await ReplicationIdAsync(before) == id)
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        // A process that connects now is told the new id; the one from before knows the old one.
        await using var after = TierOn(primary);
        for (var round = 0; round < 3; round++)
        {
            foreach (var tier in new[] { after, before })
            {
                var changed = await tier.ChangeAsync(partition, [Change.OfKey("17")], TestContext.Current.CancellationToken);
                Assert.Equal(known.State.Incarnation, changed.State.Incarnation);
            }
        }
    }

    private static RedisSharedTier TierOn(RedisServer server) => new(new RedisSharedTierOptions { Connection = RespOptions.Parse(server.Address) });

    private static async Task<string> ReplicationIdAsync(RedisSharedTier tier) =>
        (await tier.Client.ExecuteAsync("INFO", "replication")).Text!.Split('\n').Single(line => line.StartsWith("master_replid:", StringComparison.Ordinal));
}
