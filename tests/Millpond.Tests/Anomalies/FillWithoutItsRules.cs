using static Millpond.Tests.Anomalies.BrokenRules;

namespace Millpond.Tests.Anomalies;

/// <summary>The schedules of <see cref="FillAgainstChange"/> with one rule broken: each anomaly then appears and is seen, so its test can fail.</summary>
public sealed class FillWithoutItsRules
{
    [Fact]
    public void A1_stale_set_is_caught_without_the_rule() =>
        Assert.Equal("v1", FillAgainstChange.StaleSet(Breach.Of(new ChangesLeaveTheLease())));

    [Fact]
    public void A2_crossed_sets_is_caught_without_the_rule() =>
        Assert.Equal("v2", WriteSchedules.CrossedSets(Breach.Of(new EveryFillIsStored())));

    [Fact]
    public void A4_old_snapshot_is_caught_without_the_rule() =>
        Assert.Equal("v1", FillAgainstChange.OldSnapshot(snapshotBeforeLease: true));

    [Fact]
    public void A5_guard_evicted_is_caught_without_the_rule() =>
        Assert.Equal("v1", FillAgainstChange.GuardEvicted(Breach.Of(new NoGuardMeansYes())));

    [Fact]
    public void A6_token_reuse_is_caught_without_the_rule() =>
        Assert.Equal("v1", FillAgainstChange.TokenReuse(Breach.Of(new TokensCountFromOne())));

    [Fact]
    public void A7_holder_paused_is_caught_without_the_rule() =>
        Assert.Equal("v1, v2", FillAgainstChange.PausedHolder(Breach.Of(new EveryFillIsStored())));

    [Fact]
    public void A8_negative_race_is_caught_without_the_rule() =>
        Assert.Equal("absent", FillAgainstChange.NegativeRace(Breach.Of(new ChangesLeaveTheLease())));

    [Fact]
    public void A9_uncommitted_read_is_caught_without_the_rule() =>
        Assert.Equal("v2, v1", WriteSchedules.UncommittedRead(Breach.Of(new EveryFillIsStored())));

    [Fact]
    public void A10_same_version_is_caught_without_the_rule() =>
        Assert.Equal("joined with a, joined with b", FillAgainstChange.SameVersion(Breach.Of(new EveryFillIsStored())));

    [Fact]
    public void A12_stamp_after_the_load_is_caught_without_the_rule() =>
        Assert.Equal("v1", FillAgainstChange.StampAfterLoad(Breach.Of(new StampedAfterTheLoad())));

    [Fact]
    public void A13_unlock_of_anothers_lock_is_caught_without_the_rule() =>
        Assert.Equal(2, FillAgainstChange.UnlockOfAnothers(Breach.Of(new AnyoneUnlocks())));
}
