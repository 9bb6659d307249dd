using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Oracles;
using Millpond.Sim.Processes;

namespace Millpond.Sim.Operations;

/// <summary>The ways in which a client writes. When a call returns, what it promises its own process holds from then on, and is written down for the oracle.</summary>
internal sealed class Writes(SimulatedProcess process, SimulatedSource source, Agenda agenda, Dice dice, History history, Func<long, Task> pause)
{
    private const long CommitTicks = 3 * TimeSpan.TicksPerMillisecond;
    private const double AbsentShare = 0.15;

    /// <summary>Delete after commit: the ordinary way.</summary>
    /// <param name="item">What to write.</param>
    /// <param name="dies">Whether the writer dies after its commit and says nothing.</param>
    public async Task ThenInvalidateAsync(Item item, bool dies)
    {
        await pause(dice.Around(CommitTicks)).ConfigureAwait(false);
        source.Commit(item, Next(item), process.Number);
        if (dies)
            return;
        await pause(dice.Around(CommitTicks / 2)).ConfigureAwait(false);
        await InvalidateAsync(item).ConfigureAwait(false);
    }

    /// <summary>A ticket before the commit; then the value, or nothing where there is none or the transaction rolls back.</summary>
    public async Task UnderTicketAsync(Item item, bool rollsBack)
    {
        var ticket = await process.Of(item).BeginWriteAsync(item.Key).ConfigureAwait(false);
        history.Note(agenda.Now, What.TicketTaken, process.Number, item);
        await using (ticket.ConfigureAwait(false))
        {
            var next = Next(item);
            await pause(dice.Around(CommitTicks)).ConfigureAwait(false);
            var committedAt = agenda.Now;
            if (rollsBack)
                history.Note(agenda.Now, What.RolledBack, process.Number, item, next?.Mark ?? 0);
            else
                source.Commit(item, next, process.Number);
            await pause(dice.Around(CommitTicks / 2)).ConfigureAwait(false);
            if (!rollsBack && next is not null)
            {
                var stored = await ticket.SetAsync(next).ConfigureAwait(false);
                history.Note(agenda.Now, stored ? What.TicketSet : What.TicketRefused, process.Number, item, next.Mark);
                item.Changes.Own(process.Number, committedAt, history.Count);
                return;
            }
        }

        history.Note(agenda.Now, What.TicketDisposed, process.Number, item);
    }

    /// <summary>By the keyspace's own writer. Where it fails, what it may have written is invalidated all the same when the call ends.</summary>
    public async Task ThroughAsync(Item item)
    {
        var begun = agenda.Now;
        var next = Next(item);
        history.Note(begun, What.WriteBegan, process.Number, item, next?.Mark ?? 0);
        try
        {
            _ = next is null
                ? await process.Of(item).DeleteAsync(item.Key).ConfigureAwait(false)
                : await process.Of(item).WriteAsync(item.Key, next).ConfigureAwait(false);
        }
        catch (MillpondException failure) when (failure.Code == ErrorCode.WriteFailed)
        {
            history.Note(agenda.Now, What.WriteFailed, process.Number, item, next?.Mark ?? 0);
        }

        history.Note(agenda.Now, What.WriteReturned, process.Number, item, next?.Mark ?? 0);
        if (source.FirstWriteSince(item, process.Number, begun) is { } committedAt)
            item.Changes.Own(process.Number, committedAt, history.Count);
    }

    public async Task InvalidateAsync(Item item)
    {
        var begun = agenda.Now;
        history.Note(begun, What.InvalidateBegan, process.Number, item);
        await process.Of(item).InvalidateAsync(item.Key).ConfigureAwait(false);
        history.Note(agenda.Now, What.InvalidateReturned, process.Number, item);
        item.Changes.Own(process.Number, begun, history.Count);
    }

    /// <summary>Changes a row and says so by its old category, as an import does that knows no keys.</summary>
    public async Task ThenInvalidateTagAsync(Item item)
    {
        var category = item.History.Current?.Category ?? dice.Below(Space.Categories);
        await pause(dice.Around(CommitTicks)).ConfigureAwait(false);
        source.Commit(item, Next(item), process.Number);
        var begun = agenda.Now;
        history.Note(begun, What.ScopeBegan, process.Number, null, category, item.Space.Number);
        await process.Of(item).InvalidateTagAsync(Catalogue.Tag(category)).ConfigureAwait(false);
        history.Note(agenda.Now, What.ScopeReturned, process.Number, null, category, item.Space.Number);
        item.Scopes.Tag(item.Tenant, category).Own(process.Number, begun, history.Count);
    }

    public async Task ThenInvalidateTenantAsync(Item item)
    {
        source.Commit(item, Next(item), process.Number);
        var begun = agenda.Now;
        history.Note(begun, What.ScopeBegan, process.Number, null, -1, item.Space.Number);
        await process.InvalidateTenantAsync(item.Tenant).ConfigureAwait(false);
        history.Note(agenda.Now, What.ScopeReturned, process.Number, null, -1, item.Space.Number);
        item.Scopes.Tenant(item.Tenant).Own(process.Number, begun, history.Count);
    }

    public async Task ThenInvalidateAllAsync(Item item)
    {
        source.Commit(item, Next(item), process.Number);
        var begun = agenda.Now;
        history.Note(begun, What.ScopeBegan, process.Number, null, -1, item.Space.Number);
        await process.InvalidateAllAsync(item.Space).ConfigureAwait(false);
        history.Note(agenda.Now, What.ScopeReturned, process.Number, null, -1, item.Space.Number);
        item.Scopes.Keyspace.Own(process.Number, begun, history.Count);
    }

    /// <summary>Where the cache is the source: the write is a set.</summary>
    public async Task SetAsync(Item item)
    {
        var begun = agenda.Now;
        var row = new Row(item.Space.Number, item.Tenant, item.Key, source.NextMark(), dice.Below(Space.Categories));
        history.Note(begun, What.SetBegan, process.Number, item, row.Mark);
        await process.Of(item).SetAsync(item.Key, row).ConfigureAwait(false);
        history.Note(agenda.Now, What.SetReturned, process.Number, item, row.Mark);
        item.Changes.Own(process.Number, begun, history.Count);
    }

    private Row? Next(Item item)
    {
        var mark = source.NextMark();
        return dice.Chance(AbsentShare) ? null : new Row(item.Space.Number, item.Tenant, item.Key, mark, dice.Below(Space.Categories));
    }
}
