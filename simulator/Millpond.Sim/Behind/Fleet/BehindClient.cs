using Millpond.Journals;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Operations;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Behind.Fleet;

/// <summary>One caller of one process: reads, writes behind, counts, often reads back what it wrote, and keeps account of what it was told.</summary>
internal sealed class BehindClient(BehindNode node, BehindProcess process, BehindWorld world, Reads reads, Dice dice, Func<long> nextMark)
{
    private const double ReadBackProbability = 0.4;
    private const double DeleteProbability = 0.15;

    private static readonly TimeSpan?[] Bounds = [TimeSpan.Zero, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), null];

    public long BusySince { get; private set; } = long.MaxValue;

    public Item? BusyWith { get; private set; }

    public BehindProcess Process => process;

    public BehindNode Node => node;

    public long Unknown { get; private set; }

    public long ReadsRefused { get; private set; }

    public async Task OperateAsync()
    {
        var space = BehindSpaces.All[dice.Below(2)];
        var item = world.Catalogue.Of(space.Number, 0, dice.Skewed(space.Keys));
        (BusySince, BusyWith) = (world.Agenda.Now, item);
        try
        {
            var draw = dice.Below(100);
            if (draw < 60)
                await ReadAsync(space, item, draw).ConfigureAwait(false);
            else if (draw < 80)
                await CountAsync(draw < 70 ? BehindSpaces.Views : BehindSpaces.Likes).ConfigureAwait(false);
            else
                await WriteAsync(Own(item)).ConfigureAwait(false);
        }
        finally
        {
            BusySince = long.MaxValue;
        }
    }

    private Item Own(Item item) => item.Owner < 0 ? item : world.Catalogue.Of(item.Space.Number, 0, (item.Key / world.Options.Processes * world.Options.Processes) + node.Number);

    private async Task ReadAsync(Space space, Item item, int draw)
    {
        try
        {
            if (draw < 45)
                await reads.GetAsync(item).ConfigureAwait(false);
            else if (draw < 54)
                await reads.ReadAsync(item, Bounds[dice.Below(Bounds.Length)], dice.Chance(0.2)).ConfigureAwait(false);
            else
                await reads.GetManyAsync(space, 0, item.Key, 1 + dice.Below(4)).ConfigureAwait(false);
        }
        catch (MillpondException failure) when (IsOfReads(failure.Code) || process.IsStopping)
        {
            ReadsRefused++;
        }
    }

    private async Task WriteAsync(Item item)
    {
        var begun = world.Agenda.Now;
        var row = dice.Chance(DeleteProbability) ? null : new Row(item.Space.Number, 0, item.Key, nextMark(), 0);
        var kind = row is null ? JournalKind.Delete : JournalKind.Set;
        var account = world.JournalOf(item.Space.Name, node.Number).Account;
        var isRefused = false;
        account.Tally.Begun(process.Life, item.Text, kind, 0);
        world.History.Note(begun, What.WriteBegan, node.Number, item, row?.Mark ?? 0);
        try
        {
            _ = row is null ? await process.Of(item.Space).DeleteAsync(item.Key).ConfigureAwait(false) : await process.Of(item.Space).WriteAsync(item.Key, row).ConfigureAwait(false);
            account.Tally.WasAcknowledged(process.Life, item.Text, kind, 0, row?.Mark ?? 0);
            world.History.Note(world.Agenda.Now, What.Acknowledged, node.Number, item, row?.Mark ?? 0);
        }
        catch (MillpondException failure) when (IsOfWrites(failure.Code) || process.IsStopping)
        {
            isRefused = IsCertain(failure.Code);
            if (isRefused)
                account.Tally.WasRefused(process.Life, item.Text, kind, 0, row?.Mark ?? 0);
            else
                Unknown++;
            world.History.Note(world.Agenda.Now, isRefused ? What.WriteRefused : What.WriteFailed, node.Number, item, row?.Mark ?? 0);
        }

        if (process.IsStopping)
            return;
        // Of a refused one nothing was taken: whatever was taken meanwhile is another caller's, who may not have been told yet.
        if (!isRefused && account.States!.FirstTakenSince(item, node.Number, begun) is { } takenAt)
            item.Changes.Own(node.Number, takenAt, world.History.Count);
        if (dice.Chance(ReadBackProbability))
            await ReadAsync(item.Space, item, 0).ConfigureAwait(false);
    }

    private async Task CountAsync(string counters)
    {
        var (key, delta) = (dice.Skewed(BehindSpaces.CounterKeys), 1 + dice.Below(5));
        var tally = world.JournalOf(counters, node.Number).Account.Tally;
        var text = world.Accounts.CounterText(counters, key);
        tally.Begun(process.Life, text, JournalKind.Increment, delta);
        try
        {
            await process.Of(counters).AddAsync(key, delta).ConfigureAwait(false);
            tally.WasAcknowledged(process.Life, text, JournalKind.Increment, delta, 0);
        }
        catch (MillpondException failure) when (IsOfWrites(failure.Code) || process.IsStopping)
        {
            if (IsCertain(failure.Code))
                tally.WasRefused(process.Life, text, JournalKind.Increment, delta, 0);
            else
                Unknown++;
        }
    }

    private static bool IsCertain(ErrorCode code) => code is ErrorCode.JournalRefused or ErrorCode.JournalFull;

    private static bool IsOfWrites(ErrorCode code) => IsCertain(code) || code is ErrorCode.JournalOutcomeUnknown or ErrorCode.WriteFailed or ErrorCode.WriteTimedOut;

    private static bool IsOfReads(ErrorCode code) => code is ErrorCode.LoadFailed or ErrorCode.LoadTimedOut or ErrorCode.SourceBusy or ErrorCode.SourceBroken or ErrorCode.TooStale or ErrorCode.JournalRefused or ErrorCode.JournalOutcomeUnknown;
}
