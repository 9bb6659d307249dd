using Millpond.Shared;
using Millpond.Shared.InProcess;
using Millpond.Testing.Time;
using Xunit;

namespace Millpond.Tests.Shared;

public sealed class InProcessConcurrency
{
    private static readonly PartitionId Partition = new("shop:product:v1", 0);
    private static readonly SharedKey Key = new(Partition, "17");

    [Fact]
    public void Of_many_threads_that_ask_one_wins_each_round()
    {
        var tier = new InProcessSharedTier();
        for (ulong round = 1; round <= 200; round++)
        {
            var key = new SharedKey(Partition, $"{round}");
            int granted = 0;
            Parallel.For(1, 33, i =>
            {
                var ask = new LeaseAsk(new Nonce(round, (ulong)i), TimeSpan.FromMinutes(1));
                if (tier.AcquireAsync(key, ask, default).AsTask().Result.Outcome == LeaseOutcome.Granted)
                    Interlocked.Increment(ref granted);
            });
            Assert.Equal(1, granted);
        }
    }

    [Fact]
    public async Task No_waiter_is_forgotten_by_real_threads()
    {
        var tier = new InProcessSharedTier();
        for (ulong round = 1; round <= 500; round++)
        {
            var nonce = new Nonce(round, 1);
            await tier.AcquireAsync(Key, new LeaseAsk(nonce, TimeSpan.FromHours(1)), default);
            Task[] waits = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => tier.WaitAsync(Key, TimeSpan.FromHours(1), default).AsTask()))];
            Task release = Task.Run(() => tier.ReleaseAsync(Key, nonce, default).AsTask());
            await Task.WhenAll([.. waits, release]);
        }
    }

    [Fact]
    public void A_wait_is_not_ended_by_reads_and_ends_when_the_lease_dies_of_its_time()
    {
        var surroundings = new SimulatedSurroundings(1);
        var tier = new InProcessSharedTier(null, surroundings);
        surroundings.Run(async () =>
        {
            await tier.AcquireAsync(Key, new LeaseAsk(new Nonce(1, 1), TimeSpan.FromSeconds(5)), default);
            Task wait = tier.WaitAsync(Key, TimeSpan.FromHours(1), default).AsTask();
            await tier.ReadAsync(Key, new LeaseAsk(new Nonce(2, 2), TimeSpan.FromSeconds(5)), default);
            await tier.ChangeAsync(Partition, [Change.OfKey("another"), Change.OfKeyspace()], default);
            Assert.False(wait.IsCompleted);
            await wait;
        });
        Assert.Equal(TimeSpan.FromSeconds(5.001), surroundings.Clock.Elapsed);
        Assert.Equal(0, surroundings.Clock.TimerCount);
    }

    [Fact]
    public async Task A_sink_that_throws_loses_its_channel_and_harms_no_other()
    {
        var tier = new InProcessSharedTier();
        Sink bad = new() { OnMessage = _ => throw new FormatException("oops") }, good = new();
        await using IAsyncDisposable first = await tier.SubscribeAsync(Partition, bad, default);
        await using IAsyncDisposable second = await tier.SubscribeAsync(Partition, good, default);
        await tier.ChangeAsync(Partition, [Change.OfKey("1"), Change.OfKey("2")], default);
        Assert.Equal([1, 2], good.Sequences);
        Assert.Equal([1], bad.Sequences);
        Assert.Contains("oops", Assert.Single(bad.Broken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sink_that_calls_the_tier_against_its_contract_gets_its_message_afterwards()
    {
        var tier = new InProcessSharedTier();
        var sink = new Sink();
        var depths = new List<int>();
        int depth = 0;
        sink.OnMessage = sequence =>
        {
            depths.Add(++depth);
            if (sequence == 1)
                Assert.True(tier.ChangeAsync(Partition, [Change.OfKey("2")], default).IsCompletedSuccessfully);
            depth--;
        };
        await using IAsyncDisposable subscription = await tier.SubscribeAsync(Partition, sink, default);
        await tier.ChangeAsync(Partition, [Change.OfKey("1")], default);
        Assert.Equal([1, 2], sink.Sequences);
        Assert.Equal([1, 1], depths);
    }

    [Fact]
    public void The_same_seed_evicts_the_same_records()
    {
        Assert.Equal(Survivors(1), Survivors(1));
        Assert.NotEqual(Survivors(1), Survivors(2));
    }

    private static List<string> Survivors(int seed)
    {
        var surroundings = new SimulatedSurroundings(seed);
        var tier = new InProcessSharedTier(new InProcessSharedTierOptions { PayloadBytesMax = 20_000 }, surroundings);
        var survivors = new List<string>();
        surroundings.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
            {
                await tier.PutAsync(new SharedKey(Partition, $"{i}"), RandomRecords.WithScopes([]).Value!, default);
                surroundings.Clock.Advance(TimeSpan.FromMilliseconds(1));
            }

            for (int i = 0; i < 200; i++)
            {
                if ((await tier.ReadAsync(new SharedKey(Partition, $"{i}"), null, default)).Record is not null)
                    survivors.Add($"{i}");
            }
        });
        return survivors;
    }

    private sealed class Sink : IPushSink
    {
        public Action<long>? OnMessage { get; set; }

        public List<long> Sequences { get; } = [];

        public List<string> Broken { get; } = [];

        public void OnChange(PartitionId partition, Incarnation incarnation, in SequencedChange change)
        {
            Sequences.Add(change.Sequence);
            OnMessage?.Invoke(change.Sequence);
        }

        public void OnBroken(PartitionId partition, string reason) => Broken.Add(reason);
    }
}
