using Millpond.Shared;

namespace Millpond.Redis.Live.Tests.Live.Watched;

/// <summary>Many processes with and without scripts on one partition.</summary>
public sealed class Contention(TwoWays engines) : IClassFixture<TwoWays>
{
    private static readonly PartitionId Partition = new("test:contended", 0);

    [Fact]
    public async Task Of_all_who_ask_at_once_one_is_granted_the_lease()
    {
        await using var other = await engines.WatchedTierAsync();
        RedisSharedTier[] tiers = [engines.Scripted, engines.Watched, other];
        for (var round = 0; round < 20; round++)
        {
            var key = new SharedKey(Partition, $"lease{round}");
            var replies = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => tiers[i % 3].ReadAsync(key, Ask(round, i), default).AsTask()));
            Assert.Equal(1, replies.Count(reply => reply.Lease == LeaseOutcome.Granted));
            Assert.Equal(59, replies.Count(reply => reply.Lease == LeaseOutcome.Held));
        }
    }

    [Fact]
    public async Task Changes_made_at_once_get_a_number_each()
    {
        const int each = 100;
        await using var other = await engines.WatchedTierAsync();
        var id = Partition with { Keyspace = "test:numbered" };
        var before = await engines.Scripted.ReadControlAsync(id, 0, default, default);
        var seen = await Task.WhenAll(((RedisSharedTier[])[engines.Scripted, engines.Watched, other]).SelectMany((tier, who) => Enumerable.Range(0, each).Select(async i =>
            (await tier.ChangeAsync(id, [Change.OfKey($"{who}.{i}")], default)).State.Sequence)));
        Assert.Equal(Enumerable.Range(1, 3 * each).Select(i => (long)i), seen.Order());
        Assert.Equal(before.State.Incarnation, (await other.ReadControlAsync(id, 0, default, default)).State.Incarnation);
    }

    [Fact]
    public async Task A_fill_and_a_change_that_meet_leave_no_value_from_before_the_change()
    {
        for (var round = 0; round < 200; round++)
        {
            var key = new SharedKey(Partition, $"met{round}");
            var lease = await engines.Watched.AcquireAsync(key, Ask(round, 1), default);
            var record = new SharedRecord
            {
                Kind = RecordKind.Value, Payload = new byte[] { 1 }, TimeToLive = TimeSpan.FromMinutes(1), HardTimeToLive = TimeSpan.FromMinutes(1), Stamp = lease.State.Sequence,
                Incarnation = lease.State.Incarnation,
            };
            var fill = engines.Watched.FillAsync(new Fill(key, Ask(round, 1).Nonce, record, TimeSpan.Zero), default).AsTask();
            var change = (round % 2 == 0 ? engines.Scripted : engines.Watched).ChangeAsync(Partition, [Change.OfKey(key.Text)], default).AsTask();
            await Task.WhenAll(fill, change);
            Assert.Null((await engines.Scripted.ReadAsync(key, null, default)).Record);
        }
    }

    [Fact]
    public async Task Sessions_are_few_and_none_stays_behind_when_its_tier_ends()
    {
        var others = await ConnectionsAsync();
        var tier = await engines.WatchedTierAsync();
        await Task.WhenAll(Enumerable.Range(0, 500).Select(i => tier.AcquireAsync(new SharedKey(Partition, $"few{i}"), Ask(i, 2), default).AsTask()));
        Assert.InRange(await ConnectionsAsync() - others, 2, 9);
        await tier.DisposeAsync();
        for (var attempt = 0; await ConnectionsAsync() > others; attempt++)
        {
            Assert.True(attempt < 200, "connections stay behind");
            await Task.Delay(10);
        }
    }

    private static LeaseAsk Ask(int round, int who) => new(new Nonce((ulong)round + 1, (ulong)who + 1), TimeSpan.FromMinutes(1));

    private async Task<int> ConnectionsAsync() => (await engines.Scripted.Client.ExecuteAsync("CLIENT", "LIST", "TYPE", "normal")).Text!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
}
