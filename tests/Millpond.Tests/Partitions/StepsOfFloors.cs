using Millpond.Partitions;

namespace Millpond.Tests.Partitions;

public sealed class StepsOfFloors
{
    [Fact]
    public void What_several_changes_passed_over_is_stale_since_the_first()
    {
        var floors = FloorTable.Empty.RaiseScope("#red", 5, learntAt: 100).RaiseScope("#red", 9, learntAt: 200);

        Assert.Equal(new Floor(5, 100), floors.FirstAbove(4, ["#red"]));
        Assert.Equal(new Floor(9, 200), floors.FirstAbove(5, ["#red"]));
        Assert.Equal(default, floors.FirstAbove(9, ["#red"]));
    }

    [Fact]
    public void What_more_changes_passed_over_than_are_kept_is_stale_since_long_ago()
    {
        var floors = FloorTable.Empty;
        for (var sequence = 1; sequence <= 10; sequence++)
        {
            floors = floors.RaiseScope("#red", sequence, learntAt: sequence * 100);
        }

        Assert.Equal(Floor.LongAgo, floors.FirstAbove(0, ["#red"]).LearntAt);
        Assert.Equal(new Floor(10, 1_000), floors.FirstAbove(9, ["#red"]));
    }

    [Fact]
    public void A_keyspace_s_floor_does_not_make_a_tag_s_change_younger()
    {
        var floors = FloorTable.Empty.RaiseScope("#red", 5, learntAt: 100).RaiseKeyspace(6, learntAt: 200);

        Assert.Equal(100, floors.FirstAbove(4, ["#red"]).LearntAt);
        Assert.Equal(200, floors.FirstAbove(4, ["#blue"]).LearntAt);
    }

    [Fact]
    public void Too_many_scopes_merge_into_the_keyspace_and_none_vanishes()
    {
        var floors = FloorTable.Empty;
        for (var sequence = 1; sequence <= 10_001; sequence++)
        {
            floors = floors.RaiseScope($"#{sequence}", sequence, learntAt: 1);
        }

        Assert.Equal(10_001, floors.Keyspace.Sequence);
        Assert.True(floors.FirstAbove(0, ["#1"]).Sequence > 0);
        Assert.Equal(default, floors.FirstAbove(10_001, ["#1"]));
    }
}
