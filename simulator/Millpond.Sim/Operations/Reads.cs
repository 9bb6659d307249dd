using Millpond.Keyspaces;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Oracles;
using Millpond.Sim.Processes;

namespace Millpond.Sim.Operations;

/// <summary>The ways in which a client reads; every answer goes to the oracle the moment it is given.</summary>
internal sealed class Reads(INode process, Catalogue catalogue, Agenda agenda, ReadOracle oracle, SignalOracle signals, History history)
{
    private Moment Now => new(agenda.Now, history.Count);

    public async Task GetAsync(Item item)
    {
        var began = Now;
        Judge(item, await process.Of(item).GetAsync(item.Key).ConfigureAwait(false), began, null);
    }

    public async Task ReadAsync(Item item, TimeSpan? maxStaleness, bool refuse)
    {
        var began = Now;
        var options = new ReadOptions { MaxStaleness = maxStaleness, WhenTooStale = refuse ? WhenTooStale.Refuse : WhenTooStale.Revalidate };
        var reading = await process.Of(item).ReadAsync(item.Key, options).ConfigureAwait(false);
        signals.Judge(process, item, reading.Stale, began.At);
        Judge(item, reading.Found ? reading.Value : null, began, maxStaleness?.Ticks, reading.Stale != StaleReason.None);
    }

    public async Task GetManyAsync(Space space, int tenant, int firstKey, int count)
    {
        var began = Now;
        int[] keys = [.. Enumerable.Range(0, count).Select(offset => (firstKey + offset) % space.Keys)];
        var rows = await process.Of(space, tenant).GetManyAsync(keys).ConfigureAwait(false);
        foreach (var key in keys)
            Judge(catalogue.Of(space.Number, tenant, key), rows.GetValueOrDefault(key), began, null);
    }

    /// <summary>Has keys read ahead, as a warm-up does: who reads them meanwhile joins it, and what it brings is judged when somebody reads it.</summary>
    public async Task WarmUpAsync(Space space, int firstKey, int count) =>
        await ((Keyspace<int, Row>)process.Of(space, 0)).Ahead.ReadAsync([.. Enumerable.Range(0, count).Select(offset => (firstKey + offset) % space.Keys)], CancellationToken.None).ConfigureAwait(false);

    /// <summary>At once, from the local tier alone; what a process does first when it wakes.</summary>
    public void Peek(Item item)
    {
        if (process.Of(item).TryPeek(item.Key, out var row))
            Judge(item, row, Now, null);
    }

    private void Judge(Item item, Row? row, Moment began, long? maxStaleness, bool isStale = false)
    {
        var what = row is null ? What.ReadFoundNothing : isStale ? What.ReadFoundStale : What.ReadFound;
        history.Note(agenda.Now, what, process.Number, item, row?.Mark ?? 0);
        oracle.Judge(item, row, process.Number, began, maxStaleness);
    }
}
