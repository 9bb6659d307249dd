namespace Millpond.Tests.Anomalies;

/// <summary>
/// More of A34, a reply that is handled after the push of a change that came after it: flights that no longer stand on the table, or never did, when the push is
/// heard. None may leave v1 in R's local tier [0].
/// </summary>
public sealed class UnheardReplies
{
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(5);

    [Fact]
    public void A34_reply_handled_after_two_pushes() => Fleet.Run(fleet =>
    {
        // W changes to v2; R asks and is answered v2; W changes to v3; R hears both pushes, the first of which takes the flight off the table, and then the answer.
        // Fails without the mark that FlightTable.Fence leaves on what it takes off the table.
        var (r, w, n) = (fleet.Add(), fleet.Add(), fleet.Add());
        r.Read(key: 8);
        r.Network.Pushes.AreHeld = true;
        w.Write("v2");
        n.Read();
        r.Network.Operations.ReplyDelay = Late;
        var read = r.Begin();
        r.Network.Operations.ReplyDelay = TimeSpan.Zero;
        w.Write("v3");
        r.Network.Pushes.DeliverHeld();
        fleet.Pass(Late);
        Assert.Equal("v2", fleet.Done(read));
        Assert.Equal("v3", r.Read());
    });

    [Fact]
    public void A34_reply_to_a_flight_that_a_stricter_one_displaced() => Fleet.Run(fleet =>
    {
        // R asks and is answered v1; a caller of R who accepts no such value begins a flight of his own; W changes; R hears the push and then the first answer.
        // Fails if a change marks only the newest of a key's flights (FlightStripe keeps them all).
        var (r, w) = (fleet.Add(), fleet.Add());
        w.Read();
        r.Read(key: 8);
        r.Network.Operations.ReplyDelay = Late;
        var read = r.Begin();
        r.Network.Operations.ReplyDelay = TimeSpan.Zero;
        fleet.Pass(Late / 10);
        Assert.Equal("v1", r.ReadFresh());
        w.Write("v2");
        fleet.Pass(Late);
        Assert.Equal("v1", fleet.Done(read));
        Assert.Equal("v2", r.Read());
    });

    [Fact]
    public void A34_reply_to_a_flight_that_nobody_waits_for() => Fleet.Run(fleet =>
    {
        // R asks and is answered v1; its only caller gives up; W changes; R hears the push and then the answer. Fails without the mark that FlightTable.Leave leaves.
        var w = fleet.Add();
        var r = fleet.Add(k => k.Policy(p => p.AbandonedLoad = AbandonedLoad.IsCancelled));
        w.Read();
        r.Read(key: 8);
        r.Network.Operations.ReplyDelay = Late;
        using var patience = new CancellationTokenSource();
        var read = r.Things.GetAsync(Fleet.K, patience.Token).AsTask();
        r.Network.Operations.ReplyDelay = TimeSpan.Zero;
        patience.Cancel();
        Assert.True(read.IsCanceled);
        w.Write("v2");
        fleet.Pass(Late);
        Assert.Equal("v2", r.Read());
    });

    [Fact]
    public void A34_reply_to_a_read_that_would_rather_be_refused() => Fleet.Run(fleet =>
    {
        // R only looks, and is answered v1; W changes; R hears the push and then the answer. Such a read stands on no table. Fails without the mark that
        // Departures.NewLook sets.
        var (r, w) = (fleet.Add(), fleet.Add());
        w.Read();
        r.Read(key: 8);
        r.Network.Operations.ReplyDelay = Late;
        var read = r.Things.ReadAsync(Fleet.K, new ReadOptions { MaxStaleness = TimeSpan.FromMinutes(1), WhenTooStale = WhenTooStale.Refuse }).AsTask();
        r.Network.Operations.ReplyDelay = TimeSpan.Zero;
        w.Write("v2");
        fleet.Pass(Late);
        Assert.Equal("v1", fleet.Done(read).Value);
        Assert.Equal("v2", r.Read());
    });
}
