using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Oracles;
using Millpond.Sim.Processes;

namespace Millpond.Sim.Operations;

/// <summary>One caller of one process: an operation, a pause, the next one. What a caller may meet (a failing load, a refusal) it survives; anything else ends the run.</summary>
internal sealed class Client(SimulatedProcess process, Catalogue catalogue, Reads reads, Writes writes, Dice dice, bool writersDie)
{
    private const double ReadBackProbability = 0.2;
    private const double DeathProbability = 0.05;
    private const double RollbackProbability = 0.1;

    private static readonly TimeSpan?[] Bounds = [TimeSpan.Zero, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), null];

    /// <summary>The operation under way began then; <see cref="long.MaxValue"/> between two.</summary>
    public long BusySince { get; private set; } = long.MaxValue;

    public Item? BusyWith { get; private set; }

    public SimulatedProcess Process => process;

    public Reads Reads => reads;

    public long Refused { get; private set; }

    public async Task OperateAsync(long now)
    {
        var (space, item) = Draw(now);
        (BusySince, BusyWith) = (now, item);
        try
        {
            await DrawAsync(space, item).ConfigureAwait(false);
            // As people do who have just changed something; and where a broken promise shows first.
            if (dice.Chance(ReadBackProbability))
                await reads.GetAsync(item).ConfigureAwait(false);
        }
        catch (MillpondException failure) when (failure.Code is ErrorCode.LoadFailed or ErrorCode.LoadTimedOut or ErrorCode.SourceBusy or ErrorCode.SourceBroken or ErrorCode.TooStale)
        {
            Refused++;
        }
        finally
        {
            BusySince = long.MaxValue;
        }
    }

    private (Space Space, Item Item) Draw(long now)
    {
        if (Storm.At(now) is { } storm && dice.Chance(Storm.Share))
            return (storm.Space, catalogue.Of(storm.Space.Number, 0, storm.Key));

        var space = Space.All[dice.Below(Space.All.Count)];
        return (space, catalogue.Of(space.Number, dice.Below(space.Tenants), dice.Skewed(space.Keys)));
    }

    private Task DrawAsync(Space space, Item item)
    {
        var draw = dice.Below(1_000);
        if (draw < 700)
            return reads.GetAsync(item);
        if (draw < 800)
            return reads.ReadAsync(item, Bounds[dice.Below(Bounds.Length)], dice.Chance(0.2));
        if (draw < 850 || (draw < 860 && space.Tenants > 1))
            return reads.GetManyAsync(space, item.Tenant, item.Key, 1 + dice.Below(5));
        if (draw < 860)
            return reads.WarmUpAsync(space, item.Key, 1 + dice.Below(space.Keys));
        if (!space.HasLoader)
            return draw < 980 ? writes.SetAsync(item) : writes.InvalidateAsync(item);
        if (draw < 925)
            return writes.ThenInvalidateAsync(item, writersDie && dice.Chance(DeathProbability));
        if (draw < 955)
            return writes.ThroughAsync(item);
        if (draw < 985)
            return writes.UnderTicketAsync(item, dice.Chance(RollbackProbability));
        if (draw < 996)
            return writes.ThenInvalidateTagAsync(item);
        if (draw < 998)
            return space.Tenants > 1 ? writes.ThenInvalidateTenantAsync(item) : writes.InvalidateAsync(item);
        return writes.ThenInvalidateAllAsync(item);
    }
}
