using Millpond.Reading;
using Millpond.Shared;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

public sealed class FenceAcrossLives
{
    private const int Key = 7;

    private static readonly Incarnation Before = new(1, 1);
    private static readonly Incarnation After = new(2, 2);

    [Fact]
    public void A_small_number_of_a_new_life_touches_what_has_a_large_one_of_the_old()
    {
        var rig = new FenceRig();
        rig.Local.Set(Key, rig.NewEntry(1, validAsOf: 500));

        rig.Table.Fence(Key, 3, After, AfterInvalidation.Gone, 0);

        Assert.Null(rig.Local.Held(Key));
    }

    [Fact]
    public void A_mark_of_one_life_speaks_against_everything_of_another()
    {
        var mark = default(ChangeMark).With(3, After);

        Assert.Equal(3, mark.In(After));
        Assert.Equal(long.MaxValue, mark.In(Before));
        Assert.Equal(long.MaxValue, mark.With(500, Before).In(Before));
        Assert.Equal(0, default(ChangeMark).In(Before));
    }

    [Fact]
    public void A_second_change_does_not_begin_the_stale_window_anew()
    {
        var rig = new FenceRig();
        var entry = rig.NewEntry(1, validAsOf: 1);
        rig.Local.Set(Key, entry);

        rig.Table.Fence(Key, 2, default, AfterInvalidation.Stale, since: 100);
        rig.Table.Fence(Key, 3, default, AfterInvalidation.Stale, since: 200);

        Assert.Equal(100, rig.Local.Held(Key)!.InvalidatedAt);
    }

    [Fact]
    public void A_process_that_slept_does_not_join_the_flights_from_before()
    {
        var rig = new FenceRig(trustTicks: 20);
        var (first, _) = rig.Join(Key, long.MinValue, null);

        rig.Now = 19;
        Assert.Same(first, rig.Join(Key, long.MinValue, null).Flight);
        rig.Now = 20;
        Assert.NotSame(first, rig.Join(Key, long.MinValue, null).Flight);
    }
}
