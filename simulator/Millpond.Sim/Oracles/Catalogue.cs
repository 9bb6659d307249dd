using Millpond.Keys;
using Millpond.Shared;
using Millpond.Keyspaces;
using Millpond.Sim.Database;

namespace Millpond.Sim.Oracles;

/// <summary>Every key of the simulation, found by its number or by its name in the shared tier.</summary>
internal sealed class Catalogue
{
    private readonly Dictionary<(string Keyspace, string Text), Item> _byText = [];
    private readonly Dictionary<(string Keyspace, string Scope), Fact> _byScope = [];
    private readonly Dictionary<string, Scopes> _scopes = [];
    private readonly IReadOnlyList<Space> _spaces;
    private readonly Item[][] _bySpace;

    public Catalogue(IReadOnlyList<Space> spaces, int processes)
    {
        _spaces = spaces;
        _bySpace = [.. spaces.Select(space => MakeSpace(space, processes))];
        All = [.. _bySpace.SelectMany(items => items)];
    }

    public IReadOnlyList<Item> All { get; }

    public IReadOnlyList<Item> Of(Space space) => _bySpace[space.Number];

    public Item Of(int space, int tenant, int key) => _bySpace[space][(tenant * _spaces[space].Keys) + key];

    public Item? Find(PartitionId partition, string text) => _byText.GetValueOrDefault((partition.Keyspace, text));

    public Fact? FindScope(PartitionId partition, string scope) => _byScope.GetValueOrDefault((partition.Keyspace, scope));

    public Scopes FindScopes(PartitionId partition) => _scopes[partition.Keyspace];

    public Space SpaceOf(PartitionId partition) => _spaces.First(space => FullName(space) == partition.Keyspace);

    public static string FullName(Space space) => $"millpond:{space.Name}:v1";

    public static string TenantName(int tenant) => $"tenant-{tenant}";

    public static string Tag(int category) => $"category-{category}";

    private Item[] MakeSpace(Space space, int processes)
    {
        var scopes = new Scopes(space, processes);
        var name = FullName(space);
        _scopes[name] = scopes;
        for (var tenant = 0; tenant < space.Tenants; tenant++)
        {
            if (space.Tenants > 1)
                _byScope[(name, Scope.Tenant(TenantName(tenant)))] = scopes.Tenant(tenant);
            for (var category = 0; category < Space.Categories; category++)
                _byScope[(name, TagScope(space, tenant, category))] = scopes.Tag(tenant, category);
        }

        return [.. Enumerable.Range(0, space.Tenants * space.Keys).Select(place => MakeItem(space, place / space.Keys, place % space.Keys, scopes, processes))];
    }

    private Item MakeItem(Space space, int tenant, int key, Scopes scopes, int processes)
    {
        var text = KeyText<int>.Create(space.Name).Text(key, space.Tenants > 1 ? TenantName(tenant) : null);
        var number = (space.Number * 1_000) + (tenant * 100) + key;
        // A third of the rows is not there at first, so that absence is cached and then refuted.
        var first = space.HasLoader && key % 3 != 2 ? new Row(space.Number, tenant, key, -number - 1, key % Space.Categories) : null;
        var item = new Item(number, space, tenant, key, text, new RowHistory(first), scopes, processes);
        _byText[(FullName(space), text)] = item;
        return item;
    }

    private static string TagScope(Space space, int tenant, int category) =>
        space.Tenants > 1 ? TenantNaming<int>.TagScope(TenantName(tenant), Tag(category), space.Name) : Scope.Tag(Tag(category));
}
