namespace Millpond.Feeds.Rules;

/// <summary>What can be wrong with a rule as it was declared.</summary>
internal static class RuleFaults
{
    public static void Check<TKey>(string keyspace, RowRule<TKey> rule, bool hasTenants, ICollection<string> faults)
        where TKey : notnull
    {
        var place = $"keyspace '{keyspace}' is changed by table '{rule.Table}'";
        if (string.IsNullOrWhiteSpace(rule.Table))
        {
            faults.Add($"keyspace '{keyspace}' is changed by a table without a name. Name it with its schema, such as 'public.products'.");
        }

        if (rule.RowsMax < 1)
        {
            faults.Add($"{place} with RowsMax {rule.RowsMax}; give 1 or more.");
        }

        if (rule.KeyColumn is { } column && !ColumnReader<TKey>.CanRead)
        {
            faults.Add($"{place} with its column '{column}' as the key, but a {typeof(TKey).Name} cannot be read from one column. Give Keys, and the Columns that it reads.");
        }

        if (rule.Keys is not null && rule.Columns.Count == 0)
        {
            faults.Add($"{place} with Keys, but names no Columns that it reads, and only those are followed. Name them.");
        }

        if (rule.Keys is null && rule.Columns.Count > 0)
        {
            faults.Add($"{place} with Columns that nothing reads, since it has no Keys. Leave them out.");
        }

        foreach (var tag in rule.Tags.Where(tag => !TagTemplate.IsWhole(tag)))
        {
            faults.Add($"{place} with the tag '{tag}', in which a brace is not closed or nothing is left. Write columns in braces: 'category:{{category_id}}'.");
        }

        if (hasTenants && rule.KeyColumn is null && rule.Keys is null && (rule.Tags.Count > 0 || rule.TagOfMany is not null))
        {
            faults.Add($"{place} with tags and no keys, but the keyspace has tenants, whose tags are their own. Give Keys, so that the row says whose tag it is.");
        }

        if (hasTenants && rule.TagOfMany is not null)
        {
            faults.Add($"{place} with TagOfMany, but the keyspace has tenants, and no tag is carried by the entries of all. Leave it out.");
        }
    }
}
