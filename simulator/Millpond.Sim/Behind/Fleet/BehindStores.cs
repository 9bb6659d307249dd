using Millpond.Journals;
using Millpond.Runtime;
using Millpond.Sim.Behind.Journals;
using Millpond.Sim.Behind.Sinks;
using Millpond.Sim.Database;
using Millpond.Sim.Oracles;
using Millpond.Sinks;

namespace Millpond.Sim.Behind.Fleet;

/// <summary>What one process reads and writes beside the shared tier: its journals, the database.</summary>
internal sealed class BehindStores(Life life, BehindWorld world, Surroundings surroundings, Clockwork.Gate gate, Func<JournalServer, StoreWire> wireTo, StoreWire database)
{
    private readonly Dictionary<Item, Row?> _readBefore = [];

    public IWriteJournal Journal(string name)
    {
        var server = world.JournalOf(name, life.Node);
        var reach = world.IsOnDisk(name) ? JournalReach.Process : JournalReach.Fleet;
        var journal = new LinkedJournal(server, wireTo(server), life, new() { Kind = "simulated", Survives = world.Survives(name), Reach = reach }, surroundings);
        return world.Mutant.AsksPendingLast && BehindSpaces.All.FirstOrDefault(space => space.Name == name) is { } space ? new AskedLast(journal, text => ReadBeforeAsync(space, text)) : journal;
    }

    public IWriteSink<int, Row> Rows(Space space) => new LinkedSink<Row>(world.Database, database, batch => world.Database.ApplyRows(space, batch));

    public IWriteSink<int, long> Sums(string counters) => new LinkedSink<long>(world.Database, database, batch => world.Database.ApplySums(counters, batch));

    public async ValueTask<Row?> LoadAsync(Space space, int key)
    {
        var item = world.Catalogue.Of(space.Number, 0, key);
        return _readBefore.Remove(item, out var row) ? row : await world.Loads.LoadAsync(life.Node, gate, item).ConfigureAwait(false);
    }

    private async ValueTask ReadBeforeAsync(Space space, string text)
    {
        var item = world.Catalogue.Of(space).First(one => one.Text == text);
        _readBefore[item] = await world.Loads.LoadAsync(life.Node, gate, item).ConfigureAwait(false);
    }
}
