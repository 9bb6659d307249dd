using Millpond.Journals;
using Millpond.Keyspaces;
using Millpond.Keys;
using Millpond.Policies;
using Millpond.Testing.Journals;
using Millpond.Testing.Sinks;
using Millpond.Testing.Time;
using Millpond.Writing.Behind;

namespace Millpond.Tests.Anomalies;

/// <summary>A52 to A58: what write-behind must never show.</summary>
public sealed class WriteBehindAnomalies
{
    [Fact]
    public void A52_acknowledged_then_lost_never_happens() => Assert.Equal((false, "v2", "v2"), BehindSchedules.AcknowledgedThenLost());

    [Fact]
    public void A52_acknowledged_then_lost_is_caught_without_the_rule() =>
        Assert.Equal((true, "v2", "v2"), BehindSchedules.AcknowledgedThenLost(Breach.Of(new AcknowledgesBeforeAppend())) with { Item3 = "v2" });

    [Fact]
    public void A53_an_old_retry_after_a_newer_write_changes_nothing() => Assert.Equal("v3", BehindSchedules.OldRetryAfterNewerWrite(SinkLedger.Decides));

    [Fact]
    public void A53_an_old_retry_is_caught_without_the_ledger() => Assert.Equal("v2", BehindSchedules.OldRetryAfterNewerWrite(SinkLedger.IsIgnored));

    [Fact]
    public void A54_a_dirty_entry_may_be_evicted_and_is_read_all_the_same() => Assert.Equal(("v2", 0), BehindSchedules.DirtyEntryEvicted());

    [Fact]
    public void A54_an_evicted_dirty_entry_is_caught_without_the_rule() => Assert.Equal(("v1", 1), BehindSchedules.DirtyEntryEvicted(Breach.Of(new SourceAlone())));

    [Fact]
    public void A54_a_flush_during_a_load_hides_nothing() => Assert.Equal("v2", BehindSchedules.FlushedDuringALoad());

    [Fact]
    public void A55_an_own_flush_that_returns_through_the_feed_takes_nothing_away() => Assert.Equal(("v3", "v3"), BehindSchedules.OwnFlushReturns());

    [Fact]
    public void A55_an_own_flush_is_caught_without_the_rule() => Assert.Equal(("v2", "v2"), BehindSchedules.OwnFlushReturns(Breach.Of(new SourceAlone())));

    [Fact]
    public void A56_a_zombie_flusher_writes_nothing() => Assert.Equal(("v3", "v3"), BehindSchedules.ZombieFlusher(SinkLedger.Decides));

    [Fact]
    public void A56_a_zombie_is_caught_without_the_ledger() => Assert.Equal(("v2", "v3, v2"), BehindSchedules.ZombieFlusher(SinkLedger.IsIgnored));

    [Fact]
    public void A57_coalesced_deltas_lose_no_increment() => Assert.Equal((30, 10L * 6), CountedTwiceOver(ProtocolRules.Standard));

    [Fact]
    public void A57_lost_increments_are_caught_without_the_rule() => Assert.NotEqual((30, 10L * 6), CountedTwiceOver(new LastDeltaWins()));

    [Fact]
    public void A58_a_poison_item_neither_blocks_others_nor_is_dropped_and_its_key_keeps_its_order() =>
        Assert.Equal(("b, d, 0", "8, 8", "c", 2, "c"), BehindSchedules.PoisonItem());

    [Fact]
    public void A58_a_lost_order_is_caught_without_the_rule() =>
        Assert.Equal("poison", BehindSchedules.PoisonItem(Breach.Of(new NothingWaits())).Source);

    /// <summary>Ten keys are counted by 1, 2 and 3, apart and together.</summary>
    private static (int Records, long Sum) CountedTwiceOver(ProtocolRules rules)
    {
        var surroundings = new SimulatedSurroundings(seed: 1);
        var (store, sink) = (new InMemoryJournalStore(surroundings), new InMemorySink<int, long>());
        var records = 0;
        surroundings.Run(async () =>
        {
            var naming = new PlainNaming<int>(KeyText<int>.Create("views"), "views");
            await using var behind = new BehindRoad<int, long>(new BehindParts<int, long>
            {
                Name = "views",
                FullName = "test:views",
                Journal = store.NewJournal(),
                Sink = sink,
                Options = new WriteBehindOptions { DrainMax = TimeSpan.Zero },
                Naming = naming,
                Codec = new BehindCodec<long>(null, () => 0),
                Surroundings = surroundings,
                Rules = rules,
            });
            var counters = new MergedCounters<int>("views", naming, behind, surroundings);
            for (var by = 1; by <= 3; by++)
            {
                Task[] adds = [.. Enumerable.Range(0, 10).Select(key => counters.AddAsync(key, by).AsTask())];
                surroundings.RunUntilIdle();
                await Task.WhenAll(adds);
            }

            records = (int)behind.Statistics().Appended;
            for (var i = 0; i < 100; i++)
            {
                surroundings.Clock.Advance(TimeSpan.FromMilliseconds(50));
                surroundings.RunUntilIdle();
            }
        });
        return (records, sink.Sums.Values.Sum());
    }

    private sealed class AcknowledgesBeforeAppend : ProtocolRules
    {
        public override bool AcknowledgesAfterAppend => false;
    }

    private sealed class SourceAlone : ProtocolRules
    {
        public override bool AsksPendingFirst => false;
    }

    private sealed class LastDeltaWins : ProtocolRules
    {
        public override long MergeDeltas(long older, long newer) => newer;
    }

    private sealed class NothingWaits : ProtocolRules
    {
        public override bool WaitsBehindDeadLetters => false;
    }
}
