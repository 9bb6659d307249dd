using System.Text;
using Millpond.Redis.Layout;
using Millpond.Redis.Steps;
using Millpond.Redis.Watched;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Tests.Watched;

/// <summary>What a step without scripts makes of a partition's floors.</summary>
public class Floors
{
    private static readonly PartitionKeys Keys = new(new PartitionId("shop:product:v1", 0), 1);
    private static readonly StepLimits Limits = new(FloorsMax: 2, ChangesMax: 10);

    [Fact]
    public void The_oldest_merges_into_the_keyspaces_floor_when_there_are_too_many()
    {
        var control = With(sequence: 9, floor: 1, ("#a", 5), ("#b", 7));
        control.Number(Change.OfScope("#c"), Limits);
        Assert.Equal((10L, 10L, 5L, 2), (control.Image.State.Sequence, control.Image.State.FloorSequence, control.Image.KeyspaceFloor, control.Image.FloorCount));
        Assert.Equal(["ZADD", "ZREM"], Names(control)[..2]);
    }

    [Fact]
    public void A_scope_that_has_a_floor_is_lifted_and_nothing_merges()
    {
        var control = With(sequence: 9, floor: 1, ("#a", 5), ("#b", 7));
        control.Number(Change.OfScope("#a"), Limits);
        Assert.Equal((1L, 2), (control.Image.KeyspaceFloor, control.Image.FloorCount));
        control.Number(Change.OfScope("#c"), Limits);
        Assert.Equal(7, control.Image.KeyspaceFloor);
    }

    [Fact]
    public void A_change_of_the_keyspace_takes_all_floors_away()
    {
        var control = With(sequence: 9, floor: 1, ("#a", 5), ("#b", 7));
        control.Number(Change.OfKeyspace(), Limits);
        Assert.Equal((10L, 0), (control.Image.KeyspaceFloor, control.Image.FloorCount));
        control.Number(Change.OfScope("#a"), Limits);
        Assert.Equal((10L, 1), (control.Image.KeyspaceFloor, control.Image.FloorCount));
        Assert.Equal(["DEL", "ZADD"], Names(control)[..2]);
    }

    [Fact]
    public void A_new_incarnation_begins_without_floors_changes_or_numbers()
    {
        var control = new ControlDraft(Keys, life: 7, found: null, new Incarnation(3, 4));
        control.Know("#left over", 5);
        control.Number(Change.OfScope("#left over"), Limits);
        Assert.True(control.Began);
        Assert.Equal(new ControlImage(7, new PartitionState(new Incarnation(3, 4), 1, 1), 0, 1), control.Image);
        Assert.Equal("DEL", Names(control)[0]);
    }

    [Fact]
    public void A_step_that_changes_nothing_writes_nothing() => Assert.Empty(With(sequence: 9, floor: 1, ("#a", 5)).Commands(Limits));

    [Fact]
    public void Floors_are_read_from_both_protocols()
    {
        Assert.Equal([("#a", 5L), ("#b", 1L << 52)], FloorText.ReadAll(Value("*2\r\n*2\r\n$2\r\n#a\r\n,5\r\n*2\r\n$2\r\n#b\r\n,4503599627370496\r\n")));
        Assert.Equal([("#a", 5L), ("#b", 1L << 52)], FloorText.ReadAll(Value("*4\r\n$2\r\n#a\r\n$1\r\n5\r\n$2\r\n#b\r\n$21\r\n4.503599627370496e+15\r\n")));
        Assert.Empty(FloorText.ReadAll(Value("*0\r\n")));
    }

    private static ControlDraft With(long sequence, long floor, params (string Scope, long Floor)[] floors)
    {
        var control = new ControlDraft(Keys, life: 7, new ControlImage(7, new PartitionState(new Incarnation(1, 2), sequence, sequence), floor, floors.Length), new Incarnation(3, 4));
        foreach (var (scope, at) in floors)
        {
            control.Know(scope, at);
        }

        return control;
    }

    private static string[] Names(ControlDraft control) => [.. control.Commands(Limits).Select(command => command.Name)];

    private static RespValue Value(string frame)
    {
        var reader = new RespReader(Encoding.UTF8.GetBytes(frame));
        reader.ReadNext();
        return RespValue.Read(ref reader);
    }
}
