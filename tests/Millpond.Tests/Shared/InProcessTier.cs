using Millpond.Shared;
using Millpond.Shared.InProcess;
using Xunit;

namespace Millpond.Tests.Shared;

public sealed class InProcessTier
{
    private static readonly PartitionId Partition = new("shop:product:v1", 0);
    private static readonly SharedKey Key = new(Partition, "17");
    private static readonly Nonce Mine = new(1, 1);

    [Fact]
    public async Task By_default_coordinates_and_drops_what_is_filled()
    {
        var tier = new InProcessSharedTier();
        ReadReply first = await tier.ReadAsync(Key, Ask(Mine), default);
        FillReply filled = await tier.FillAsync(new Fill(Key, Mine, Value(first), TimeSpan.Zero), default);
        ReadReply second = await tier.ReadAsync(Key, Ask(new Nonce(2, 2)), default);

        Assert.False(tier.Capabilities.HoldsValues);
        Assert.Equal(FillOutcome.Stored, filled.Outcome);
        Assert.Null(second.Record);
        Assert.Equal(LeaseOutcome.Granted, second.Lease);
    }

    [Fact]
    public async Task Keeps_nothing_behind_once_leases_have_ended()
    {
        var tier = new InProcessSharedTier();
        for (ulong i = 1; i <= 100; i++)
        {
            var key = new SharedKey(Partition, $"{i}");
            ReadReply read = await tier.ReadAsync(key, Ask(new Nonce(i, i)), default);
            await tier.FillAsync(new Fill(key, new Nonce(i, i), Value(read), TimeSpan.Zero), default);
        }

        Assert.Equal(0, tier.RecordCount);
        Assert.Equal(0, tier.Bytes);
    }

    [Fact]
    public async Task Evicts_down_to_its_limit_and_weighs_what_it_holds()
    {
        var tier = new InProcessSharedTier(new InProcessSharedTierOptions { PayloadBytesMax = 100_000 });
        for (int i = 0; i < 1_000; i++)
        {
            await tier.PutAsync(new SharedKey(Partition, $"{i}"), Value(default, 1_000), default);
            Assert.InRange(tier.Bytes, 1, 100_000);
        }

        Assert.InRange(tier.RecordCount, 50, 99);
        while (tier.EvictRandom())
        {
        }

        Assert.Equal((0, 0L), (tier.RecordCount, tier.Bytes));
    }

    [Fact]
    public async Task Takes_no_record_that_is_heavier_than_its_limit()
    {
        var tier = new InProcessSharedTier(new InProcessSharedTierOptions { PayloadBytesMax = 10_000 });
        await tier.PutAsync(Key, Value(default, 1_000), default);
        await tier.PutAsync(new SharedKey(Partition, "big"), Value(default, 10_000), default);

        Assert.NotNull((await tier.ReadAsync(Key, null, default)).Record);
        Assert.Null((await tier.ReadAsync(new SharedKey(Partition, "big"), null, default)).Record);
    }

    [Fact]
    public async Task Tells_every_sink_before_a_change_returns_whichever_thread_delivers()
    {
        var tier = new InProcessSharedTier();
        var sink = new OrderedSink();
        await using IAsyncDisposable subscription = await tier.SubscribeAsync(Partition, sink, default);
        Parallel.For(0, 1_000, i =>
        {
            ChangeReply reply = tier.ChangeAsync(Partition, [Change.OfKey($"{i}")], default).AsTask().Result;
            if (Volatile.Read(ref sink.Newest) < reply.State.Sequence)
                sink.IsBroken = true;
        });

        Assert.Equal(1_000, sink.Newest);
        Assert.False(sink.IsBroken);
    }

    private static LeaseAsk Ask(Nonce nonce) => new(nonce, TimeSpan.FromMinutes(1));

    private static SharedRecord Value(ReadReply loadedUnder, int bytes = 10) => new()
    {
        Kind = RecordKind.Value,
        Payload = new byte[bytes],
        TimeToLive = TimeSpan.FromMinutes(1),
        HardTimeToLive = TimeSpan.FromMinutes(2),
        Stamp = loadedUnder.State.Sequence,
        Incarnation = loadedUnder.State.Incarnation,
    };

    private sealed class OrderedSink : IPushSink
    {
        public long Newest;

        public bool IsBroken { get; set; }

        public void OnChange(PartitionId partition, Incarnation incarnation, in SequencedChange change)
        {
            IsBroken |= change.Sequence != Newest + 1;
            Volatile.Write(ref Newest, change.Sequence);
        }

        public void OnBroken(PartitionId partition, string reason) => IsBroken = true;
    }
}
