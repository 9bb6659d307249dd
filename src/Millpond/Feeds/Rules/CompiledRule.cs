using Millpond.Feeds.Applying;
using Millpond.Keyspaces;
using Millpond.Shared;

namespace Millpond.Feeds.Rules;

/// <summary>A <see cref="RowRule{TKey}"/>, judged and ready to be applied.</summary>
internal sealed class CompiledRule<TKey>
    where TKey : notnull
{
    private readonly RowRule<TKey> _rule;
    private readonly KeyNaming<TKey> _naming;
    private readonly TagTemplate[] _tags;

    public CompiledRule(RowRule<TKey> rule, KeyNaming<TKey> naming)
    {
        _rule = rule;
        _naming = naming;
        _tags = [.. rule.Tags.Select(TagTemplate.Read)];
        Shape = new RuleShape(rule.Feed, rule.Table, ColumnsOf(rule), rule.RowsMax);
    }

    public RuleShape Shape { get; }

    private bool NamesNothing => _rule.KeyColumn is null && _rule.Keys is null && _tags.Length == 0;

    public static string[] ColumnsOf(RowRule<TKey> rule) =>
        [.. rule.Columns.Concat(rule.KeyColumn is { } key ? [key] : []).Concat(rule.Tags.SelectMany(tag => TagTemplate.Read(tag).Columns)).Distinct(StringComparer.Ordinal)];

    public void Apply(in RowChange row, Touched<TKey> touched)
    {
        if (row.Kind == RowChangeKind.Truncate || NamesNothing)
        {
            touched.AddAll();
            return;
        }

        // An image that is missing whole where there must be one is as unreadable as a missing column.
        if (row.Kind != RowChangeKind.Insert)
        {
            ApplyImage(row.Old ?? throw Missing(row, "old"), touched);
        }

        if (row.Kind != RowChangeKind.Delete)
        {
            ApplyImage(row.New ?? throw Missing(row, "new"), touched);
        }
    }

    /// <summary>For rows too many to be told apart.</summary>
    public void ApplyMany(Touched<TKey> touched)
    {
        if (_rule.TagOfMany is { } tag)
        {
            touched.AddScope(Scope.Tag(tag));
        }
        else
        {
            touched.AddAll();
        }
    }

    private static MillpondException Missing(in RowChange row, string image) =>
        new(ErrorCode.RowUnreadable, $"the {row.Kind} of a row of {row.Table} came without its {image} values. Give the table a replica identity that has the rule's columns.");

    private void ApplyImage(RowValues image, Touched<TKey> touched)
    {
        if (_rule.KeyColumn is { } column && ColumnReader<TKey>.Read(image, column) is { IsNull: false } key)
        {
            ApplyKey(key.Value, image, touched);
        }

        foreach (var one in _rule.Keys?.Invoke(image) ?? [])
        {
            ApplyKey(one, image, touched);
        }

        if (_rule.KeyColumn is null && _rule.Keys is null)
        {
            foreach (var template in _tags)
            {
                if (template.Of(image) is { } tag)
                {
                    touched.AddScope(Scope.Tag(tag));
                }
            }
        }
    }

    private void ApplyKey(TKey key, RowValues image, Touched<TKey> touched)
    {
        touched.AddKey(key);
        foreach (var template in _tags)
        {
            if (template.Of(image) is { } tag)
            {
                touched.AddScope(_naming.TagScope(key, tag));
            }
        }
    }
}
