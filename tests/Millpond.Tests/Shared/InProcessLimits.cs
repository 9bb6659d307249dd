using Millpond.Shared;
using Millpond.Shared.InProcess;
using Millpond.Testing.Time;
using Xunit;

namespace Millpond.Tests.Shared;

public sealed class InProcessLimits
{
    private static readonly PartitionId Partition = new("shop:product:v1", 0);

    private readonly SimulatedSurroundings _surroundings = new(1);

    [Fact]
    public async Task Leases_that_nobody_ended_do_not_pile_up()
    {
        InProcessSharedTier tier = Tier(new());
        int most = 0;
        for (ulong i = 1; i <= 20_000; i++)
        {
            await tier.AcquireAsync(new SharedKey(Partition, $"{i}"), new LeaseAsk(new Nonce(i, 1), TimeSpan.FromSeconds(10)), default);
            _surroundings.Clock.Advance(TimeSpan.FromSeconds(0.1));
            most = Math.Max(most, tier.RecordCount);
        }

        // A hundred live at any time.
        Assert.InRange(most, 100, 250);
    }

    [Fact]
    public async Task Values_past_their_hard_time_do_not_pile_up()
    {
        InProcessSharedTier tier = Tier(new() { PayloadBytesMax = 1 << 30 });
        for (int i = 0; i < 20_000; i++)
        {
            await tier.PutAsync(new SharedKey(Partition, $"{i}"), Value(hardSeconds: 10), default);
            _surroundings.Clock.Advance(TimeSpan.FromSeconds(0.1));
        }

        Assert.InRange(tier.RecordCount, 100, 250);
    }

    [Fact]
    public async Task Counters_past_their_time_do_not_pile_up()
    {
        InProcessSharedTier tier = Tier(new());
        for (int i = 0; i < 20_000; i++)
        {
            await tier.CountAsync(new SharedKey(Partition, $"{i}"), new CounterAsk(1, TimeSpan.FromSeconds(10)), default);
            _surroundings.Clock.Advance(TimeSpan.FromSeconds(0.1));
        }

        Assert.InRange(tier.CounterCount, 100, 250);
    }

    [Fact]
    public async Task What_is_read_outlives_what_is_not_when_memory_runs_out()
    {
        InProcessSharedTier tier = Tier(new() { PayloadBytesMax = 1_000_000 });
        for (int i = 0; i < 10_000; i++)
        {
            await tier.PutAsync(new SharedKey(Partition, $"cold{i}"), Value(), default);
            if (i < 100)
                await tier.PutAsync(new SharedKey(Partition, $"hot{i}"), Value(), default);
            await tier.ReadAsync(new SharedKey(Partition, $"hot{i % 100}"), null, default);
            _surroundings.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        int kept = 0;
        for (int i = 0; i < 100; i++)
            kept += (await tier.ReadAsync(new SharedKey(Partition, $"hot{i}"), null, default)).Record is null ? 0 : 1;
        Assert.InRange(kept, 95, 100);
    }

    [Fact]
    public async Task One_limit_holds_over_all_keyspaces_and_takes_from_each_by_its_weight()
    {
        InProcessSharedTier tier = Tier(new() { PayloadBytesMax = 1_000_000 });
        for (int i = 0; i < 5_000; i++)
        {
            await tier.PutAsync(new SharedKey(Partition, $"{i}"), Value(), default);
            await tier.PutAsync(new SharedKey(new PartitionId("shop:price:v1", 0), $"{i}"), Value(), default);
        }

        Assert.InRange(tier.Bytes, 990_000, 1_000_000);
    }

    [Fact]
    public async Task The_oldest_floors_merge_past_their_limit()
    {
        InProcessSharedTier tier = Tier(new() { FloorsMax = 2 });
        await tier.ChangeAsync(Partition, [Change.OfScope("#a"), Change.OfScope("#b"), Change.OfScope("#a"), Change.OfScope("#c")], default);
        ControlReply control = await tier.ReadControlAsync(Partition, 0, default, default);
        Assert.Equal(2, control.KeyspaceFloor);
        Assert.Equal([new("#a", 3), new("#c", 4)], control.Floors);
    }

    [Fact]
    public async Task The_log_reaches_back_as_far_as_its_limit()
    {
        InProcessSharedTier tier = Tier(new() { ChangeLogMax = 3 });
        Incarnation life = (await tier.ChangeAsync(Partition, [.. Enumerable.Repeat(Change.OfKey("1"), 5)], default)).State.Incarnation;
        Assert.Null((await tier.ReadControlAsync(Partition, 1, life, default)).ChangesSince);
        Assert.Equal([3, 4, 5], (await tier.ReadControlAsync(Partition, 2, life, default)).ChangesSince!.Select(c => c.Sequence));
    }

    [Fact]
    public async Task A_keyspace_has_the_partitions_it_is_cut_into_and_no_more()
    {
        InProcessSharedTier tier = Tier(new() { PartitionsPerKeyspace = 2 });
        Assert.Equal(2, tier.Capabilities.PartitionsPerKeyspace);
        ChangeReply one = await tier.ChangeAsync(Partition with { Index = 1 }, [Change.OfKeyspace()], default);
        ControlReply zero = await tier.ReadControlAsync(Partition, 0, default, default);
        Assert.Equal((1, 0), (one.State.Sequence, zero.State.Sequence));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => tier.ChangeAsync(Partition with { Index = 2 }, [Change.OfKeyspace()], default).AsTask());
    }

    [Fact]
    public async Task A_counter_beyond_64_bits_is_refused_and_keeps_its_value()
    {
        InProcessSharedTier tier = Tier(new());
        var key = new SharedKey(Partition, "1");
        await tier.CountAsync(key, new CounterAsk(long.MaxValue), default);
        await Assert.ThrowsAsync<SharedTierException>(() => tier.CountAsync(key, new CounterAsk(1), default).AsTask());
        Assert.Equal(long.MaxValue, (await tier.CountAsync(key, new CounterAsk(0), default)).Sum);
    }

    [Fact]
    public void Limits_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Tier(new() { PayloadBytesMax = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tier(new() { FloorsMax = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tier(new() { ChangeLogMax = -1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tier(new() { PartitionsPerKeyspace = 0 }));
    }

    private InProcessSharedTier Tier(InProcessSharedTierOptions options) => new(options, _surroundings);

    private static SharedRecord Value(double hardSeconds = 600) => new()
    {
        Kind = RecordKind.Value,
        Payload = new byte[100],
        TimeToLive = TimeSpan.FromSeconds(hardSeconds),
        HardTimeToLive = TimeSpan.FromSeconds(hardSeconds),
        Stamp = 0,
        Incarnation = default,
    };
}
