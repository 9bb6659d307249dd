namespace Millpond.Feeds.Applying;

/// <summary>Which rules of which keyspaces a table's rows go through, in one feed.</summary>
internal sealed class RuleBook
{
    private readonly Dictionary<string, RulePlace[]> _byTable;

    public RuleBook(string feed, IReadOnlyList<IFeedTarget> targets)
    {
        Targets = [.. targets.Where(target => target.Rules.Any(IsOurs))];
        var rules = ((Rules.RuleShape Shape, RulePlace Place)[])[.. (from target in Targets.Select((one, number) => (one.Rules, Number: number))
                     from rule in target.Rules.Select((shape, number) => (Shape: shape, Number: number))
                     where IsOurs(rule.Shape)
                     select (rule.Shape, Target: target.Number, Rule: rule.Number)).Select((rule, number) => (rule.Shape, new RulePlace(rule.Target, rule.Rule, number)))];
        RulesCount = rules.Length;
        _byTable = rules.GroupBy(rule => rule.Shape.Table, StringComparer.Ordinal).ToDictionary(table => table.Key, table => table.Select(rule => rule.Place).ToArray(), StringComparer.Ordinal);
        Tables = [.. rules.GroupBy(rule => rule.Shape.Table, StringComparer.Ordinal).Select(table => new FeedTable(table.Key, [.. table.SelectMany(rule => rule.Shape.Columns).Distinct(StringComparer.Ordinal)]))];

        bool IsOurs(Rules.RuleShape rule) => rule.Feed is null || rule.Feed == feed;
    }

    public IReadOnlyList<IFeedTarget> Targets { get; }

    public IReadOnlyList<FeedTable> Tables { get; }

    public int RulesCount { get; }

    public IReadOnlyList<RulePlace> Of(string table) => _byTable.GetValueOrDefault(table, []);

    /// <summary>The targets that a table concerns; all of them for null.</summary>
    public IEnumerable<int> Concerned(string? table) => table is null ? Enumerable.Range(0, Targets.Count) : Of(table).Select(place => place.Target).Distinct();
}

/// <summary>Where a rule is: in which keyspace, the how-manieth of it, and the how-manieth of the book.</summary>
internal readonly record struct RulePlace(int Target, int Rule, int Number);
