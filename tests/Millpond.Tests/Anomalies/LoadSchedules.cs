using Millpond.Testing.Faults;

namespace Millpond.Tests.Anomalies;

/// <summary>Anomalies of load: who loads when the holder of a lease is slow, or dies.</summary>
public sealed class LoadSchedules
{
    private const int Waiters = 8;

    [Fact]
    public void A60_the_holder_dies() => Assert.Equal(1, HolderDies());

    [Fact]
    public void A60_the_holder_dies_is_caught_where_leases_outlive_patience() =>
        Assert.Equal(Waiters, HolderDies(leaseTime: TimeSpan.FromSeconds(35)));

    [Fact]
    public void A_holder_that_is_slow_and_alive_keeps_its_lease_and_fills() => Fleet.Run(fleet =>
    {
        Node[] nodes = [.. Enumerable.Range(0, Waiters + 1).Select(_ => Add(fleet))];
        nodes[0].HoldLoads();
        var reads = nodes.Select(node => node.Begin()).ToArray();
        fleet.Pass(TimeSpan.FromSeconds(18));
        nodes[0].ReleaseLoads();
        fleet.Pass(TimeSpan.FromSeconds(2));
        Assert.All(reads, read => Assert.Equal("v1", fleet.Done(read)));
        Assert.Equal(1, nodes.Sum(node => node.Loads));
        Assert.All(nodes, node => Assert.True(node.Holds()));
    });

    [Fact]
    public void A_holder_that_lives_on_and_on_loses_its_lease_all_the_same() => Fleet.Run(fleet =>
    {
        var (r, n) = (Add(fleet), Add(fleet));
        var ticket = r.BeginWrite();
        fleet.Pass(TimeSpan.FromSeconds(34));
        Assert.Equal(0, n.Loads);
        var read = n.Begin();
        fleet.Pass(TimeSpan.FromSeconds(8)); // LoadTimeout and LeaseMargin are 35 s, and the last extension adds a lease's time.
        Assert.Equal("v1", fleet.Done(read));
        fleet.P[Fleet.K] = "v2";
        Assert.False(r.Set(ticket, "v2"));
        Assert.Equal("v2", fleet.WhatAllRead());
    });

    [Fact]
    public void A_ticket_that_is_held_for_long_stores_its_value() => Fleet.Run(fleet =>
    {
        var r = Add(fleet);
        var ticket = r.BeginWrite();
        fleet.Pass(TimeSpan.FromSeconds(20));
        fleet.P[Fleet.K] = "v2";
        Assert.True(r.Set(ticket, "v2"));
        Assert.Equal("v2", fleet.WhatAllRead());
        Assert.Equal(0, r.Loads);
    });

    // One process holds the lease and dies in mid-load; eight wait [1 new lease]. Fails where a lease is longer than the patience of those who wait for it.
    private static int HolderDies(TimeSpan? leaseTime = null) => Fleet.Run(fleet =>
    {
        Node[] nodes = [.. Enumerable.Range(0, Waiters + 1).Select(_ => fleet.Add(k => k.Limits(l => l.LeaseTime = leaseTime ?? l.LeaseTime)))];
        var (dead, waiting) = (nodes[0], nodes[1..]);
        dead.HoldLoads();
        _ = dead.Begin();
        var silence = dead.Hold(SharedOperation.Acquire, FaultPoint.BeforeEffect);
        var reads = waiting.Select(node => node.Begin()).ToArray();
        fleet.Pass(TimeSpan.FromSeconds(9));
        Assert.Equal(leaseTime is null ? 1 : 0, waiting.Sum(node => node.Loads));
        fleet.Pass(TimeSpan.FromSeconds(4));
        Assert.All(reads, read => Assert.Equal("v1", fleet.Done(read)));
        dead.Release(silence);
        dead.ReleaseLoads();
        return waiting.Sum(node => node.Loads);
    });

    private static Node Add(Fleet fleet) => fleet.Add(k => k.Limits(l => l.LeaseWaitMax = TimeSpan.FromMinutes(1)));
}
