using Millpond.Testing.Faults;
using Millpond.Tests.Anomalies;

namespace Millpond.Tests.Writing;

public sealed class ReadingOwnWrites
{
    [Fact]
    public void A_writer_whose_own_push_is_late_and_who_cannot_prove_its_value_still_drops_the_old_one() => Fleet.Run(fleet =>
    {
        // Something else changed that W has not heard of and cannot ask about, so W keeps nothing of what it sets; v1 must go all the same.
        var (w, n) = (fleet.Add(), fleet.Add());
        w.Read();
        w.Network.Pushes.AreHeld = true;
        fleet.Done(n.Things.InvalidateTagAsync("other"));
        var ticket = w.BeginWrite();
        w.Commit("v2");
        w.Network.Operations.FailNext(SharedOperation.ReadControl, FaultPoint.BeforeEffect, times: 10);
        Assert.True(w.Set(ticket, "v2"));
        Assert.Equal("v2", w.Read());
    });
}
