using Millpond.Events;
using Millpond.Shared;
using Millpond.Testing.Faults;

namespace Millpond.Tests.Anomalies;

/// <summary>
/// What can go wrong between a change and the local tiers of other processes, A32 to A44, on a tier whose pushes can be lost, with a heartbeat of 1 s. R is the
/// process with a value in its local tier, W the writer; every schedule starts with k = v1, and the bracket is what must be shown, in virtual time.
/// "Fails without" names the line whose breaking lets the anomaly appear.
/// </summary>
public sealed class LocalTierAnomalies
{
    private static readonly TimeSpan Watched = Fleet.Heartbeat * 10;

    [Fact]
    public void A32_lost_push() => Assert.Equal("v2", LostPush());

    // The push of W's change never reaches R; that of a later change of another key does, and shows the gap [0 from then on; at the latest a heartbeat].
    // Fails without ProtocolRules.IsGap.
    internal static string? LostPush(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w) = (fleet.Add(), fleet.Add());
        r.Read();
        r.Network.Pushes.AreLost = true;
        w.Write("v2");
        r.Network.Pushes.AreLost = false;
        w.Write("other", key: 8);
        return r.Read();
    }, rules);

    [Fact]
    public void A32_lost_push_while_the_channel_was_broken() => Fleet.Run(fleet =>
    {
        // R's channel breaks, W changes, R connects again [0 after reconnect]. Fails without ApplyMissed in PartitionKeeper.TakeOver.
        var (r, w) = (fleet.Add(), fleet.Add());
        r.Read();
        r.Network.Pushes.BreakChannels("The connection was reset.");
        w.Write("v2");
        fleet.Pass(Fleet.Heartbeat);
        Assert.Equal([ChannelEventKind.Restored, ChannelEventKind.Broken, ChannelEventKind.Restored], r.Heard.Channel);
        Assert.Equal("v2", r.Read());
    });

    [Fact]
    public void A33_flush_then_subscribe() => Assert.Equal("v2", FlushThenSubscribe());

    // R's channel broke; R connects again, and W changes just before R's subscription stands [0]. Who had read the state before subscribing would have missed it.
    // Fails without ProtocolRules.SubscribesBeforeReading.
    internal static string? FlushThenSubscribe(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w) = (fleet.Add(), fleet.Add());
        r.Read();
        r.Network.Pushes.BreakChannels("The connection was reset.");
        var gate = r.Hold(SharedOperation.Subscribe, FaultPoint.BeforeEffect);
        fleet.Pass(Fleet.Heartbeat);
        Assert.Equal(1, gate.HeldCount);
        w.Write("v2");
        r.Release(gate);
        return r.Read();
    }, rules);

    [Fact]
    public void A34_reply_handled_after_push() => Assert.Equal("v2", ReplyAfterPush());

    // R asks the shared tier, which answers v1; W changes and R hears the push; then R hears the answer [0, flight mark]. Fails without
    // ProtocolRules.MayKeepLocally.
    internal static string? ReplyAfterPush(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w) = (fleet.Add(), fleet.Add());
        w.Read();
        var gate = r.Hold(SharedOperation.Read, FaultPoint.AfterEffect);
        var read = r.Begin();
        w.Write("v2");
        r.Release(gate);
        Assert.Equal("v1", fleet.Done(read)); // It began before the change, so it may.
        return r.Read();
    }, rules);

    [Fact]
    public void A35_half_open_connection() => Assert.InRange(HalfOpen(), TimeSpan.Zero, 2 * Fleet.Heartbeat);

    // R's channel and its heartbeats go unanswered and nobody tells; W changes [two heartbeats]. Fails without ProtocolRules.IsTrusted.
    internal static TimeSpan HalfOpen(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w) = (fleet.Add(), fleet.Add());
        r.Read();
        r.Network.Pushes.SilenceChannels();
        r.Hold(SharedOperation.ReadControl, FaultPoint.BeforeEffect);
        w.Write("v2");
        Assert.Equal("v1", r.Read());
        return r.StaleFor(Watched);
    }, rules);

    [Fact]
    public void A36_tracking_redirect_dies_silently() => Fleet.Run(fleet =>
    {
        // What carries the pushes dies and nobody tells; the heartbeats still pass; W changes again and again [0: never relied on alone; each change is found by the
        // next heartbeat]. No engine's tracking is used here, so this is our own channel. Fails without CatchUpAsync in PartitionKeeper.WatchAsync.
        var (r, w) = (fleet.Add(), fleet.Add());
        r.Read();
        r.Network.Pushes.SilenceChannels();
        foreach (var value in new[] { "v2", "v3" })
        {
            w.Write(value);
            Assert.NotEqual(value, r.Read());
            Assert.InRange(r.StaleFor(Watched), TimeSpan.Zero, Fleet.Heartbeat);
        }

        // Twice in a row: nobody is at the other end. It is subscribed to anew, and heard again.
        Assert.Equal([ChannelEventKind.GapClosed, ChannelEventKind.Broken, ChannelEventKind.Restored], r.Heard.Channel.TakeLast(3));
        w.Write("v4");
        Assert.Equal("v4", r.Read());
    });

    [Fact]
    public void A37_tracking_table_overflow() => Fleet.Run(fleet =>
    {
        // R missed more changes than the log remembers, so all it holds is soft-stale [bounded load]: served stale at once, proven again by the shared tier, and only
        // what did change is loaded, by at most as many loads at once as the source bears. Fails without SourceGuard.EnterAsync, without SharedAsk.IsDoubted, or
        // without BeginEpochNeedsGate in PartitionKeeper.TakeOver.
        const int Keys = 200;
        var w = fleet.Add();
        var r = fleet.Add(k => k.Policy(p => p.StaleWhileRevalidate = TimeSpan.FromMinutes(1)), cache: c => c.Sources["default"].ConcurrentLoadsMax = 8);
        for (var key = 0; key < Keys; key++)
        {
            w.Commit("v1", key);
            r.Read(key);
        }

        r.Network.Pushes.AreLost = true;
        foreach (var key in Enumerable.Range(0, 10))
        {
            w.Write("v2", key);
        }

        fleet.Pass(Fleet.Heartbeat);
        Assert.Contains(ChannelEventKind.Lost, r.Heard.Channel);
        r.HoldLoads();
        Assert.All(Enumerable.Range(0, Keys), key => Assert.Equal(StaleReason.Incarnation, fleet.Done(r.Things.ReadAsync(key).AsTask()).Stale));
        Assert.InRange(r.LoadsAtOnceMax, 1, 8);
        r.ReleaseLoads();
        Assert.Equal(8, r.LoadsAtOnceMax);
        Assert.All(Enumerable.Range(0, Keys), key => Assert.Equal(fleet.P[key], r.Read(key)));
        Assert.Equal(Keys + 10, r.Loads);
    }, changeLogMax: 4);

    [Fact]
    public void A38_slow_consumer_killed() => Fleet.Run(fleet =>
    {
        // R takes its pushes slowly; W changes; the engine kills R's channel, and what was in it is gone [as A32: 0 after reconnect]. Fails without ApplyMissed in
        // PartitionKeeper.TakeOver, or without its connecting again in WatchAsync.
        var (r, w) = (fleet.Add(), fleet.Add());
        r.Read();
        r.Network.Pushes.Delay = TimeSpan.FromSeconds(30);
        w.Write("v2");
        r.Network.Pushes.BreakChannels("The output buffer is over its limit.");
        Assert.Equal("v1", r.Read());
        Assert.InRange(r.StaleFor(Watched), TimeSpan.Zero, Fleet.Heartbeat);
        Assert.Equal(ChannelEventKind.Restored, r.Heard.Channel[^1]);
    });

    [Fact]
    public void A39_changed_but_not_published() => Fleet.Run(fleet =>
    {
        // W's change is in the engine, and whoever should have pushed it dies before [feed lag; here the log is asked with the next heartbeat]. Fails without
        // CatchUpAsync in PartitionKeeper.WatchAsync.
        var (r, w) = (fleet.Add(), fleet.Add());
        r.Read();
        w.Network.Pushes.AreLost = r.Network.Pushes.AreLost = true;
        w.Write("v2");
        Assert.Equal("v1", r.Read());
        Assert.InRange(r.StaleFor(Watched), TimeSpan.Zero, Fleet.Heartbeat);
        Assert.Equal("v2", fleet.WhatAllRead());
    });

    [Fact]
    public void A40_age_stacking() => Assert.Equal("v2", AgeStacking());

    // W loads v1, which is fresh for 5 minutes; P goes on to v2 and nobody tells; R asks the shared tier after 4 minutes, and the answer takes half a minute; after 5
    // minutes v1 is over, wherever it is [0]. Fails without ProtocolRules.LoadedAt.
    internal static string? AgeStacking(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w) = (fleet.Add(), fleet.Add());
        w.Read();
        w.Commit("v2");
        r.Read(key: 8);
        fleet.Pass(TimeSpan.FromMinutes(4));
        var gate = r.Hold(SharedOperation.Read, FaultPoint.AfterEffect);
        var read = r.Begin();
        fleet.Pass(TimeSpan.FromSeconds(30));
        r.Release(gate);
        Assert.Equal("v1", fleet.Done(read));
        fleet.Pass(TimeSpan.FromSeconds(30));
        return r.Read();
    }, rules);

    [Fact]
    public void A41_frozen_process_wakes() => Assert.Equal(("v2", "v2"), FrozenProcess());

    // R asks for a heartbeat, is answered and freezes before it reads the answer; W changes; a minute later R wakes with that answer and the push before it and
    // serves before it reads the push [heartbeat age is checked before serving]. Fails without ProtocolRules.IsTrusted, or if trust were counted from the
    // answer and not from the question (askedAt in PartitionKeeper.TakeOver).
    internal static (string?, string?) FrozenProcess(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w) = (fleet.Add(), fleet.Add());
        r.Read();
        var gate = r.Hold(SharedOperation.ReadControl, FaultPoint.AfterEffect);
        r.Network.Pushes.AreHeld = true;
        fleet.Pass(Fleet.Heartbeat);
        Assert.Equal(1, gate.HeldCount);
        w.Write("v2");
        fleet.Pass(TimeSpan.FromMinutes(1));
        r.Release(gate);
        var first = r.Read();
        r.Network.Pushes.DeliverHeld();
        return (first, r.Read());
    }, rules);

    [Fact]
    public void A42_push_sequence_runs_back() => Assert.Equal(("v2", "v3"), LocalSchedules.SequenceRunsBack());

    [Fact]
    public void A42_push_sequence_runs_back_and_the_engine_does_not_know() =>
        Assert.Equal(("v2", "v3"), LocalSchedules.SequenceRunsBack(Breach.Of(new BrokenRules.RestartsGoUnnoticed())));

    [Fact]
    public void A43_flip_flop_between_nodes() => Assert.Equal("v2, v2, v2", LocalSchedules.FlipFlop());

    [Fact]
    public void A44_own_echo() => Assert.Equal((true, "v3"), LocalSchedules.OwnEcho());
}
