namespace Millpond;

/// <summary>What declarations of change feeds and of what they change must satisfy together.</summary>
internal static class FeedRules
{
    public static void Check(MillpondBuilder builder, IReadOnlyList<KeyspaceDeclared> declared, string place, List<string> faults)
    {
        string[] feeds = [.. builder.Feeds.Select(feed => feed.Name)];
        foreach (var name in feeds)
        {
            SettingsRules.CheckName(name, $"{place}: change feed '{name}'", faults);
        }

        foreach (var twice in feeds.GroupBy(name => name).Where(group => group.Count() > 1))
        {
            faults.Add($"{place}: change feed '{twice.Key}' is declared {twice.Count()} times. Give each a name of its own.");
        }

        foreach (var one in declared.Where(one => one.FeedsNamed.Any()))
        {
            if (feeds.Length == 0)
            {
                faults.Add($"{place}: keyspace '{one.Name}' says what changes it (ChangedBy), but the cache has no change feed that would hear of it. Add one, such as AddPostgresFeed.");
            }
            else if (one.FeedsNamed.FirstOrDefault(name => name is not null && !feeds.Contains(name)) is { } unknown)
            {
                faults.Add($"{place}: keyspace '{one.Name}' is changed by a table of the feed '{unknown}', which is not declared. Declared: {string.Join(", ", feeds)}.");
            }
        }

        foreach (var idle in feeds.Where(name => !declared.SelectMany(one => one.FeedsNamed).Any(named => named is null || named == name)))
        {
            faults.Add($"{place}: change feed '{idle}' would change nothing, because no keyspace has a rule for it. Say what changes with ChangedBy, or remove the feed.");
        }
    }
}
