using Millpond.Sim.Database;

namespace Millpond.Sim.Oracles;

/// <summary>One key of one keyspace, with everything that bears on what a reader of it may see.</summary>
internal sealed class Item(int number, Space space, int tenant, int key, string text, RowHistory history, Scopes scopes, int processes)
{
    public int Number { get; } = number;

    public Space Space { get; } = space;

    public int Tenant { get; } = tenant;

    public int Key { get; } = key;

    /// <summary>Its name in the shared tier.</summary>
    public string Text { get; } = text;

    public RowHistory History { get; } = history;

    /// <summary>As all but its owner see it, where only one process knows what is pending; null where all see the same.</summary>
    public RowHistory? Elsewhere { get; set; }

    public int Owner { get; set; } = -1;

    public Scopes Scopes { get; } = scopes;

    public Fact Changes { get; } = new(processes);

    public string TenantName => Catalogue.TenantName(Tenant);

    /// <summary>What a process's reads are judged by.</summary>
    public RowHistory HistoryFor(int process) => Elsewhere is null || process == Owner ? History : Elsewhere;

    public override string ToString() => $"{Space.Name}/{Text}";

    /// <summary>Everything that can have made a state of this item stale: its key, its tenant, its keyspace, and its tag if it is a row.</summary>
    public IEnumerable<Fact> Bearing(Row? row)
    {
        yield return Changes;
        yield return Scopes.Keyspace;
        yield return Scopes.Tenant(Tenant);
        if (row is not null)
            yield return Scopes.Tag(Tenant, row.Category);
    }
}

/// <summary>The scopes of one keyspace.</summary>
internal sealed class Scopes(Space space, int processes)
{
    private readonly Fact[] _tenants = [.. Enumerable.Range(0, space.Tenants).Select(_ => new Fact(processes))];
    private readonly Fact[] _tags = [.. Enumerable.Range(0, space.Tenants * Space.Categories).Select(_ => new Fact(processes))];

    public Fact Keyspace { get; } = new(processes);

    public Fact Tenant(int tenant) => _tenants[tenant];

    public Fact Tag(int tenant, int category) => _tags[(tenant * Space.Categories) + category];
}
