using Millpond.Events;
using Millpond.Local;
using Millpond.Runtime;

namespace Millpond.Tests.Local;

/// <summary>What the budget becomes when memory is short, and when the process may not have what is configured.</summary>
public sealed class MemoryPressures
{
    private static readonly MemoryFigures Calm = new(Load: 10, ShortFrom: 90, Available: 1_000_000);
    private static readonly MemoryFigures Short = Calm with { Load = 95 };

    private readonly LocalBudget _budget = new();
    private readonly Heard _heard = new();
    private readonly MemoryPressure _pressure;

    public MemoryPressures() => _pressure = new MemoryPressure(_budget, _heard);

    [Fact]
    public void What_is_configured_is_what_may_be_filled()
    {
        _pressure.Configure(1_000, Calm);
        _pressure.Look(Calm);
        Assert.Equal(1_000, _budget.BytesMax);
        Assert.Equal([new LocalBudgetChanged(1_000, 1_000)], _heard.Events);
    }

    [Fact]
    public void While_memory_is_short_it_shrinks_to_a_quarter_and_no_further_and_comes_back()
    {
        _pressure.Configure(1_000, Calm);
        _pressure.Look(Short);
        Assert.Equal(750, _budget.BytesMax);
        for (var n = 0; n < 10; n++)
        {
            _pressure.Look(Short);
        }

        Assert.Equal(250, _budget.BytesMax);
        _pressure.Look(Calm with { Load = 85 });
        Assert.Equal(250, _budget.BytesMax);
        for (var n = 0; n < 8; n++)
        {
            _pressure.Look(Calm);
        }

        Assert.Equal(1_000, _budget.BytesMax);
        Assert.Equal(1_000, _heard.Events[^1].BytesMax);
    }

    [Fact]
    public void A_container_that_is_smaller_than_the_budget_holds_it_down()
    {
        _pressure.Configure(1_000, Calm with { Available = 400 });
        Assert.Equal(300, _budget.BytesMax);
        Assert.Equal([new LocalBudgetChanged(300, 1_000)], _heard.Events);
    }

    [Fact]
    public void Entries_go_when_it_shrinks()
    {
        _pressure.Configure(100_000, Calm);
        var tier = new LocalTier<int, string>(_budget, new KeyspaceCounters(), Surroundings.Real, long.MaxValue, slidesHere: true);
        for (var n = 0; n < 1_000; n++)
        {
            tier.Set(n, Rig.Entries.Weighing(100));
        }

        _pressure.Look(Calm with { Load = 95 });
        Assert.InRange(_budget.Bytes, 60_000, 75_000);
        tier.Validate();
    }

    [Fact]
    public void Full_collections_are_noticed_until_nobody_wants_to_know()
    {
        var noticed = 0;
        var watch = new CollectionWatch(new AtOnce(), () => noticed++);
        Collect(8);
        Assert.InRange(noticed, 2, 8);

        watch.Dispose();
        Collect(1);
        var before = noticed;
        Collect(4);
        Assert.Equal(before, noticed);

        static void Collect(int times)
        {
            for (var n = 0; n < times; n++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
    }

    private sealed class AtOnce() : Surroundings(TimeProvider.System)
    {
        public override void RunAside(Func<Task> work) => work();
    }

    private sealed class Heard : CacheListener
    {
        public List<LocalBudgetChanged> Events { get; } = [];

        public override void On(in LocalBudgetChanged e) => Events.Add(e);
    }
}
