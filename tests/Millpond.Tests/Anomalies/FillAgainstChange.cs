using Millpond.Shared;
using Millpond.Testing.Faults;

namespace Millpond.Tests.Anomalies;

/// <summary>
/// Fill against change, A1 to A13. R is a reader, W a writer, N another reader, P the primary database; every schedule starts with k = v1, and the bracket is
/// what must be shown. "Fails without" names the line whose breaking lets the anomaly appear.
/// </summary>
public sealed class FillAgainstChange
{
    [Fact]
    public void A1_stale_set() => Assert.Equal("v2", StaleSet());

    // R misses and reads v1; W commits v2 and invalidates; R fills v1 [0]. Fails without InProcessRules.EndsLease.
    internal static string StaleSet(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w) = (fleet.Add(), fleet.Add());
        r.HoldLoads();
        var read = r.Begin();
        w.Write("v2");
        r.ReleaseLoads();
        Assert.Equal("v1", fleet.Done(read)); // It began before the change, so it may.
        return fleet.WhatAllRead();
    }, rules);

    [Fact]
    public void A2_crossed_sets() => Assert.Equal("v3", WriteSchedules.CrossedSets());

    [Fact]
    public void A2_crossed_sets_in_every_order()
    {
        string[] orders = [.. from bits in Enumerable.Range(0, 64)
                              where System.Numerics.BitOperations.PopCount((uint)bits) == 3
                              select string.Concat(Enumerable.Range(0, 6).Select(at => (bits >> at & 1) == 0 ? 'a' : 'b'))];
        Assert.Equal(20, orders.Length);
        Assert.Empty(from order in orders from readBefore in Enumerable.Range(0, 6) where !WriteSchedules.EndsAsCommitted(order, readBefore) select (order, readBefore));
    }

    [Fact]
    public void A2_crossed_sets_without_a_ticket_are_refused() => Fleet.Run(fleet =>
    {
        // The set that could cross is not to be had where there is a source [MP1401]. Fails without the check in WriteRoad.SetAsync.
        var set = fleet.Add().Things;
        Assert.Equal(ErrorCode.UnorderedSet, Assert.Throws<MillpondException>(() => { _ = set.SetAsync(Fleet.K, "v2"); }).Code);
    });

    [Fact]
    public void A3_delete_before_commit() => Assert.Equal(("v2", "v2", "v1"), (WriteSchedules.DeleteAfterCommit(), WriteSchedules.DeleteWithTicket(), WriteSchedules.DeleteBeforeCommit()));

    [Fact]
    public void A4_old_snapshot() => Assert.Equal("v2", OldSnapshot(snapshotBeforeLease: false));

    // R's snapshot would be from before W's commit, R's lease from after it [0, rule 4]. Fails if a load could begin before its lease was granted (the order of
    // the stages in Keyspace), as the loader of the second case does that brings an old snapshot along.
    internal static string OldSnapshot(bool snapshotBeforeLease) => Fleet.Run(fleet =>
    {
        var old = fleet.P[Fleet.K];
        var r = fleet.Add(reads: snapshotBeforeLease ? _ => old : null);
        var w = fleet.Add();
        var gate = r.Hold(SharedOperation.Read, FaultPoint.BeforeEffect);
        r.Begin();
        Assert.Equal(0, r.Loads);
        w.Write("v2");
        r.Release(gate);
        Assert.Equal(1, r.Loads);
        fleet.Engine.Evict(r.Name);
        return fleet.WhatAllRead();
    });

    [Fact]
    public void A5_guard_evicted_between_load_and_fill() => Assert.Equal("v2", GuardEvicted());

    // R leases and reads v1; the engine evicts the record; W commits v2 and invalidates; R fills v1 [0]. Fails without "no record means no" in JudgeFill.
    internal static string GuardEvicted(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w) = (fleet.Add(), fleet.Add());
        r.HoldLoads();
        r.Begin();
        Assert.True(fleet.Engine.Evict(r.Name));
        w.Write("v2");
        r.ReleaseLoads();
        return fleet.WhatAllRead();
    }, rules);

    [Fact]
    public void A6_token_reuse_after_an_engine_restart() => Assert.Equal("v2", TokenReuse());

    // R leases and reads v1; the engine restarts; W commits v2 and invalidates; N leases first in the new life; R fills v1 under N's lease [0].
    // Fails without the nonce and the incarnation in InProcessRules.JudgeFill.
    internal static string TokenReuse(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w, n) = (fleet.Add(), fleet.Add(), fleet.Add());
        r.HoldLoads();
        r.Begin();
        fleet.Engine.RestartEmpty();
        w.Write("v2");
        n.HoldLoads();
        n.Begin();
        r.ReleaseLoads();
        n.ReleaseLoads();
        return fleet.WhatAllRead();
    }, rules);

    [Fact]
    public void A7_holder_paused_past_its_lease() => Assert.Equal("v2", PausedHolder());

    // R leases, reads v1 and is paused with its fill on the way until the lease is over; W commits v2 and invalidates what is not there; N leases and fills v2;
    // R's fill arrives [0]. Fails without the nonce in InProcessRules.JudgeFill.
    internal static string PausedHolder(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w, n) = (fleet.Add(), fleet.Add(), fleet.Add());
        var gate = r.Hold(SharedOperation.Fill, FaultPoint.BeforeEffect);
        r.Begin();
        fleet.Pass(TimeSpan.FromSeconds(36)); // However alive its holder, a lease lives for LoadTimeout and LeaseMargin, 35 s.
        w.Write("v2");
        Assert.Equal("v2", n.Read());
        r.Release(gate);
        return fleet.WhatAllRead();
    }, rules);

    [Fact]
    public void A8_negative_race() => Assert.Equal("v1", NegativeRace());

    // R finds no row, W inserts and invalidates, R stores "absent" [0]. Fails without InProcessRules.EndsLease, which knows no difference between a value and none.
    internal static string NegativeRace(Breach? rules = null) => Fleet.Run(fleet =>
    {
        fleet.P.Clear();
        var (r, w) = (fleet.Add(), fleet.Add());
        r.HoldLoads();
        var read = r.Begin();
        w.Write("v1");
        r.ReleaseLoads();
        Assert.Null(fleet.Done(read));
        return fleet.WhatAllRead();
    }, rules);

    [Fact]
    public void A9_uncommitted_read() => Assert.Equal("v1", WriteSchedules.UncommittedRead());

    [Fact]
    public void A10_same_version_other_content() => Assert.Equal("joined with b", SameVersion());

    // v1 is joined from two rows and named by the version of the first. R reads it; W changes the second row and invalidates; N fills the new content under the same
    // version; R fills the old one [0]. Fails without InProcessRules.JudgeFill, or if anything skipped a fill or a change because the versions are equal.
    internal static string SameVersion(Breach? rules = null) => Fleet.Run(fleet =>
    {
        fleet.P[Fleet.K] = "joined with a";
        var (r, w, n) = (AddVersioned(fleet), fleet.Add(), AddVersioned(fleet));
        n.Read();
        w.Invalidate();
        r.HoldLoads();
        r.Begin();
        w.Write("joined with b");
        Assert.Equal("joined with b", n.Read());
        r.ReleaseLoads();
        return fleet.WhatAllRead();
    }, rules);

    [Fact]
    public void A11_torn_pair() => Fleet.Run(fleet =>
    {
        // One commit changes k1 and k2; R's push is lost, and R reads k1 anew and k2 from its local tier [declared, at most the lag: the next heartbeat; the shared
        // tier itself is never torn, as both change in one step]. Fails without PartitionKeeper.ApplyMissed.
        var (k1, k2) = (Fleet.K, 8);
        var (r, w) = (fleet.Add(), fleet.Add());
        w.Commit("v1", k2);
        Assert.Equal(("v1", "v1"), (r.Read(k1), r.Read(k2)));
        r.Network.Pushes.AreLost = true;
        fleet.Pass(Fleet.Heartbeat / 10);
        w.Commit("v2", k1);
        w.Commit("v2", k2);
        w.Invalidate(k1, k2);
        Assert.Equal(("v2", "v1"), (r.ReadFresh(k1), r.Read(k2)));
        Assert.Equal(("v2", "v2"), (w.Read(k1), w.Read(k2)));
        fleet.Pass(Fleet.Heartbeat);
        Assert.Equal(("v2", "v2"), (r.Read(k1), r.Read(k2)));
    });

    [Fact]
    public void A12_stamp_read_after_the_load() => Assert.Equal("v2", StampAfterLoad());

    // R reads v1 under a tag; W commits v2 and invalidates the tag; R stamps and fills [0, rule 6]. Fails without ProtocolRules.StampOfLoad.
    internal static string StampAfterLoad(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w) = (AddTagged(fleet), AddTagged(fleet));
        r.HoldLoads();
        r.Begin();
        w.Commit("v2");
        fleet.Done(w.Things.InvalidateTagAsync("t"));
        r.ReleaseLoads();
        return fleet.WhatAllRead();
    }, rules);

    [Fact]
    public void A13_unlock_of_anothers_lock() => Assert.Equal(1, UnlockOfAnothers());

    // R's load fails and R gives its lease back; on the way there that lease dies, because W invalidates, and N leases; R's unlock arrives; then M must wait for N
    // [0, compare and delete]. Shown by the loads of N and M together. Fails without InProcessRules.MayRelease.
    internal static int UnlockOfAnothers(Breach? rules = null) => Fleet.Run(fleet =>
    {
        var (r, w, n, m) = (fleet.Add(reads: _ => throw new InvalidOperationException("P refuses R.")), fleet.Add(), fleet.Add(), fleet.Add());
        var gate = r.Hold(SharedOperation.Release, FaultPoint.BeforeEffect);
        var failed = r.Begin();
        Assert.True(failed.IsFaulted);
        w.Invalidate();
        n.HoldLoads();
        n.Begin();
        r.Release(gate);
        var waiting = m.Begin();
        n.ReleaseLoads();
        Assert.Equal("v1", fleet.Done(waiting));
        return n.Loads + m.Loads;
    }, rules);

    private static Node AddTagged(Fleet fleet) => fleet.Add(k => k.Tags((_, _) => ["t"]));

    private static Node AddVersioned(Fleet fleet)
    {
        Node node = null!;
        node = fleet.Add(k => k.LoadWith(async (context, token) => LoadResult.From(await node.LoadAsync(context.Key, token)) with { Version = "1" }));
        return node;
    }
}
