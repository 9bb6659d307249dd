namespace Millpond.Feeds.Outboxes;

/// <summary>
/// Finds the table that is meant: rules write it as SQL does (<c>public."Products"</c>), programs as they know it (<c>Products</c>). Quotes, case and the default schema make no difference where no name matches to the letter: a table too many
/// costs misses, one too few is stale.
/// </summary>
internal sealed class TableNames
{
    private readonly string _defaultSchema;
    private readonly Dictionary<string, FeedTable> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FeedTable> _plain = new(StringComparer.OrdinalIgnoreCase);

    public TableNames(IReadOnlyList<FeedTable> tables, string defaultSchema)
    {
        _defaultSchema = defaultSchema;
        foreach (var table in tables)
        {
            _exact.TryAdd(table.Name, table);
            _plain.TryAdd(Plain(table.Name), table);
        }
    }

    /// <summary>Null if no rule names it.</summary>
    public FeedTable? Find(string name) => _exact.GetValueOrDefault(name) ?? _plain.GetValueOrDefault(Plain(name));

    public FeedTable? Find(string? schema, string name) => Find($"{schema ?? _defaultSchema}.{name}");

    private string Plain(string name)
    {
        var plain = name.Replace("\"", "", StringComparison.Ordinal);
        return plain.Contains('.', StringComparison.Ordinal) ? plain : $"{_defaultSchema}.{plain}";
    }
}
