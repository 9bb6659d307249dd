using Millpond.Partitions;
using Millpond.Policies;
using Millpond.Shared;

namespace Millpond.Tests.Policies;

/// <summary>The protocol's decisions as a truth table.</summary>
public sealed class Rules
{
    private static readonly ProtocolRules Standard = ProtocolRules.Standard;
    private static readonly Incarnation Life = new(1, 1);

    [Fact]
    public void The_stamp_of_a_load_is_from_before_it() =>
        Assert.Equal(3, Standard.StampOfLoad(new(Life, 3, 0), new(Life, 9, 9)));

    [Theory]
    [InlineData(5, 0, 1, 1, true)]
    [InlineData(5, 5, 1, 1, true)]
    [InlineData(5, 6, 1, 1, false)]
    [InlineData(5, long.MaxValue, 1, 1, false)]
    [InlineData(5, 0, 0, 1, false)]
    public void What_was_fetched_is_kept_unless_something_newer_was_heard(long validAsOf, long markedAt, int epoch, int epochs, bool keeps)
    {
        var view = View(epochs);
        Assert.Equal(keeps, Standard.MayKeepLocally(validAsOf, markedAt, epoch, view));
    }

    [Fact]
    public void An_entry_inherits_its_age_counted_from_the_asking() =>
        Assert.Equal(60, Standard.LoadedAt(askedAt: 100, answeredAt: 150, TimeSpan.FromTicks(40)));

    [Theory]
    [InlineData(6, 5, true)]
    [InlineData(5, 5, false)]
    [InlineData(4, 5, false)]
    public void A_change_touches_what_is_older(long change, long validAsOf, bool touches) => Assert.Equal(touches, Standard.Touches(change, validAsOf));

    [Theory]
    [InlineData(10, 20, 0, true)]
    [InlineData(20, 20, 0, false)]
    [InlineData(20, 20, 15, true)]
    [InlineData(25, 20, 15, false)]
    public void Silence_is_no_news_for_two_heartbeats(long now, long trustedUntil, long fetchedAt, bool trusts) =>
        Assert.Equal(trusts, Standard.IsTrusted(now, trustedUntil, fetchedAt, trustTicks: 10));

    [Theory]
    [InlineData(5, 6, false)]
    [InlineData(5, 7, true)]
    [InlineData(5, 5, false)]
    public void A_number_that_does_not_follow_is_a_gap(long knownTo, long sequence, bool isGap) => Assert.Equal(isGap, Standard.IsGap(knownTo, sequence));

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(0, 0, false)]
    [InlineData(1, 4, false)]
    public void Only_a_flight_of_now_is_joined(int epoch, long floor, bool joins) => Assert.Equal(joins, Standard.MayJoin(epoch, floor, View(1)));

    [Theory]
    [InlineData(FillOutcome.Stored, true)]
    [InlineData(FillOutcome.LeaseLost, false)]
    [InlineData(FillOutcome.OtherIncarnation, false)]
    public void Only_what_was_stored_is_kept(FillOutcome outcome, bool keeps) => Assert.Equal(keeps, Standard.KeepsAfter(outcome));

    [Fact]
    public void The_rest_is_as_it_is_written()
    {
        Assert.True(Standard.SubscribesBeforeReading);
        Assert.True(Standard.IsOfEpoch(2, 2));
        Assert.False(Standard.IsOfEpoch(1, 2));
        Assert.True(Standard.IsOfIncarnation(Life, Life));
        Assert.False(Standard.IsOfIncarnation(Life, new(1, 2)));
        var view = View(1);
        view.RaiseFloorNeedsGate(new(7, Change.OfScope("#red")), now: 3);
        Assert.Equal(new Floor(7, 3), Standard.FloorAbove(6, ["#red"], view));
        Assert.Equal(default, Standard.FloorAbove(7, ["#red"], view));
        Assert.Equal(default, Standard.FloorAbove(0, ["#blue"], view));
    }

    [Fact]
    public void Floors_only_rise_and_the_earliest_learnt_counts()
    {
        var floors = FloorTable.Empty.RaiseScope("#a", 5, 50).RaiseScope("#b", 7, 40).RaiseScope("#a", 3, 99);
        Assert.Equal(new Floor(5, 50), floors.Of("#a"));
        Assert.Equal(new Floor(7, 40), floors.FirstAbove(4, ["#a", "#b"]));
        Assert.Equal(new Floor(7, 40), floors.FirstAbove(5, ["#a", "#b"]));
        Assert.Equal(default, floors.FirstAbove(7, ["#a", "#b"]));
        Assert.Equal(default, floors.FirstAbove(0, []));

        var all = floors.RaiseKeyspace(6, 60);
        Assert.Equal(new Floor(6, 60), all.FirstAbove(5, []));
        Assert.Equal(new Floor(5, 50), all.Of("#a"));
        Assert.Equal(new Floor(7, 40), all.Of("#b"));
        Assert.Same(all, all.RaiseKeyspace(6, 70));
        Assert.Equal(5, floors.Of("#a").Sequence);
    }

    [Fact]
    public void A_view_knows_what_it_was_told_and_begins_anew_when_that_ends()
    {
        var view = new PartitionView(new PartitionId("k", 0));
        Assert.Equal((0, 0L, 0L, 0L), (view.Epoch, view.Sequence, view.NewestFloor, view.TrustedUntil));

        view.BeginEpochNeedsGate(new(Life, 10, 8), FloorTable.Empty.RaiseScope("#a", 8, 1), now: 5);
        Assert.Equal((1, 10L, 8L, 10L, 5L), (view.Epoch, view.Sequence, view.NewestFloor, view.FloorsKnownTo, view.EpochSince));

        view.RaiseFloorNeedsGate(new(12, Change.OfKey("k")), 6);
        Assert.Equal((8L, 10L), (view.NewestFloor, view.Sequence));
        view.RaiseFloorNeedsGate(new(12, Change.OfKeyspace()), 6);
        view.RaiseFloorNeedsGate(new(11, Change.OfScope("#b")), 7);
        Assert.Equal((12L, 10L), (view.NewestFloor, view.FloorsKnownTo));
        view.AdvanceNeedsGate(12);
        view.AdvanceNeedsGate(11);
        Assert.Equal((12L, 12L), (view.Sequence, view.FloorsKnownTo));

        view.TrustUntilNeedsGate(100);
        view.BeginEpochNeedsGate(new(new(2, 2), 1, 0), FloorTable.Empty, now: 9);
        Assert.Equal((2, 1L, 0L, new Incarnation(2, 2)), (view.Epoch, view.Sequence, view.NewestFloor, view.Incarnation));
    }

    private static PartitionView View(int epochs)
    {
        var view = new PartitionView(new PartitionId("k", 0));
        for (var n = 0; n < epochs; n++)
        {
            view.BeginEpochNeedsGate(new(Life, 0, 0), FloorTable.Empty, now: 0);
        }

        return view;
    }
}
