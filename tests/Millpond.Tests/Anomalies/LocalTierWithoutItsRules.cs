using static Millpond.Tests.Anomalies.BrokenRules;

namespace Millpond.Tests.Anomalies;

/// <summary>The schedules of <see cref="LocalTierAnomalies"/> with one rule broken: each anomaly then appears and is seen, so its test can fail.</summary>
public sealed class LocalTierWithoutItsRules
{
    [Fact]
    public void A32_lost_push_is_caught_without_the_rule() =>
        Assert.Equal("v1", LocalTierAnomalies.LostPush(Breach.Of(new GapsGoUnnoticed())));

    [Fact]
    public void A33_flush_then_subscribe_is_caught_without_the_rule() =>
        Assert.Equal("v1", LocalTierAnomalies.FlushThenSubscribe(Breach.Of(new ReadsThenSubscribes())));

    [Fact]
    public void A34_reply_after_push_is_caught_without_the_rule() =>
        Assert.Equal("v1", LocalTierAnomalies.ReplyAfterPush(Breach.Of(new MarksAreIgnored())));

    [Fact]
    public void A35_half_open_connection_is_caught_without_the_rule() =>
        Assert.InRange(LocalTierAnomalies.HalfOpen(Breach.Of(new SilenceIsTrusted())), Fleet.Heartbeat * 9, TimeSpan.MaxValue);

    [Fact]
    public void A40_age_stacking_is_caught_without_the_rule() =>
        Assert.Equal("v1", LocalTierAnomalies.AgeStacking(Breach.Of(new AgesBeginAnew())));

    [Fact]
    public void A41_frozen_process_is_caught_without_the_rule() =>
        Assert.Equal(("v1", "v2"), LocalTierAnomalies.FrozenProcess(Breach.Of(new SilenceIsTrusted())));

    [Fact]
    public void A42_sequence_runs_back_is_caught_without_the_rule() =>
        Assert.Equal("v1", LocalSchedules.SequenceRunsBack(Breach.Of(new EpochsAreIgnored())).Item1);

    [Fact]
    public void A43_flip_flop_is_caught_without_the_rule() =>
        Assert.Equal("v2, v2, v1", LocalSchedules.FlipFlop(Breach.Of(new EveryFillIsStored())));

    [Fact]
    public void A44_own_echo_is_caught_without_the_rule() =>
        Assert.False(LocalSchedules.OwnEcho(Breach.Of(new EveryEchoTouches())).KeptAfterEcho);
}
