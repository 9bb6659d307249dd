using Millpond.Engines.Live;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Live.Tests.Live;

/// <summary>The engine's memory is full and it evicts nothing.</summary>
public class FullMemory
{
    [Fact]
    public async Task Changes_are_made_all_the_same_and_nothing_else_is_stored()
    {
        await using var server = await RedisServer.StartAsync();
        await using var tier = new RedisSharedTier(new RedisSharedTierOptions { Connection = RespOptions.Parse(server.Address) });
        await tier.ConnectAsync(TestContext.Current.CancellationToken);
        var (key, other) = (new SharedKey(new PartitionId("shop:product:v1", 0), "17"), new SharedKey(new PartitionId("shop:product:v1", 0), "18"));
        var record = new SharedRecord
        {
            Kind = RecordKind.Value, Payload = new byte[100], Stamp = 0, Incarnation = default, TimeToLive = TimeSpan.FromMinutes(1), HardTimeToLive = TimeSpan.FromMinutes(1),
        };
        var stored = await tier.PutAsync(key, record, TestContext.Current.CancellationToken);
        await tier.Client.ExecuteAsync("CONFIG", "SET", "maxmemory-policy", "noeviction");
        await tier.Client.ExecuteAsync("CONFIG", "SET", "maxmemory", 1);

        await Assert.ThrowsAsync<SharedTierException>(() => tier.PutAsync(other, record, TestContext.Current.CancellationToken).AsTask());
        await Assert.ThrowsAsync<SharedTierException>(() => tier.ReadAsync(other, new LeaseAsk(new Nonce(1, 1), TimeSpan.FromSeconds(1)), TestContext.Current.CancellationToken).AsTask());
        var changed = await tier.ChangeAsync(key.Partition, [Change.OfKey(key.Text), Change.OfScope("#tag")], TestContext.Current.CancellationToken);
        Assert.Equal(stored.State.Incarnation, changed.State.Incarnation);
        Assert.Equal(stored.State.Sequence + 2, changed.State.Sequence);
        Assert.Null((await tier.ReadAsync(key, null, TestContext.Current.CancellationToken)).Record);
        var control = await tier.ReadControlAsync(key.Partition, stored.State.Sequence, stored.State.Incarnation, TestContext.Current.CancellationToken);
        Assert.Equal(2, control.ChangesSince?.Count);
    }
}
