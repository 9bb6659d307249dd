namespace Millpond.Tests.Anomalies;

/// <summary>The schedules of <see cref="LocalTierAnomalies"/> that are about the order in which one process sees values.</summary>
internal static class LocalSchedules
{
    // The engine restarts from a snapshot of an earlier sequence; W changes, under numbers that R has heard before; R connects again; W changes once more [0].
    // Fails without ProtocolRules.IsOfEpoch, or if TakeOver believed a state whose sequence is below what R knew.
    public static (string?, string?) SequenceRunsBack(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w) = (fleet.Add(), fleet.Add());
        w.Invalidate(8, 9);
        var snapshot = fleet.Engine.Snapshot();
        w.Invalidate(8, 9, 10);
        r.Read();
        fleet.Engine.RestartFrom(snapshot);
        w.Write("v2");
        fleet.Pass(Fleet.Heartbeat);
        var afterReconnect = r.Read();
        w.Write("v3");
        return (afterReconnect, r.Read());
    }, rules);

    // R loads v1; W changes; R's next caller reads; R's load ends; the caller reads again, from R's local tier, and once more when that has evicted, from the shared
    // tier [monotone with a session ticket]. What holds without one: within one process no read returns an older value than a read that ended before it began.
    // A caller whom a balancer sends to another process may still meet v1 there, until the push arrives there. Fails without InProcessRules.JudgeFill, or if
    // FlightTable.Fence left the marked flight on the table.
    public static string FlipFlop(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w) = (fleet.Add(), fleet.Add());
        r.HoldLoads();
        var first = r.Begin();
        r.HoldNoMore();
        w.Write("v2");
        var second = r.Read();
        r.ReleaseLoads();
        Assert.Equal("v1", fleet.Done(first));
        var third = r.Read();
        r.Things.Core.Local.Limit(0, 0); // For want of room, it goes.
        r.Things.Core.Local.Limit(0, long.MaxValue);
        Assert.Equal(0, r.Things.Core.Local.Count);
        return $"{second}, {third}, {r.Read()}";
    }, rules);

    // W sets v2 with a ticket and keeps it; N changes to v3; W hears of N's change first and of its own last [0 stale]: its own echo takes nothing away, and
    // hides nothing of what others changed. Fails without ProtocolRules.Touches, or if a process ignored its own pushes.
    public static (bool KeptAfterEcho, string? Read) OwnEcho(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (w, n) = (fleet.Add(), fleet.Add());
        var ticket = w.BeginWrite();
        w.Commit("v2");
        w.Network.Pushes.AreRepeated = true;
        w.Network.Pushes.AreHeld = true;
        Assert.True(w.Set(ticket, "v2"));
        w.Network.Pushes.DeliverHeld();
        var kept = w.Holds();
        n.Write("v3");
        w.Network.Pushes.DeliverHeldReversed();
        return (kept, w.Read());
    }, rules);
}
