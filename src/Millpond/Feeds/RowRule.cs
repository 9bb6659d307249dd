using Millpond.Feeds;

namespace Millpond;

/// <summary>
/// Which keys and tags of a keyspace the change of a row touches: the one rule for all feeds. It is applied to the values before and to the values after, so a row that moves from one key or tag to
/// another touches both, a new row ends an entry that said that there was none, and a truncate changes the keyspace. A rule with neither keys nor tags changes the keyspace with every row.
/// </summary>
/// <typeparam name="TKey">The keyspace's key type.</typeparam>
public sealed record RowRule<TKey>
    where TKey : notnull
{
    /// <summary>The table, with its schema: <c>public.products</c>.</summary>
    public required string Table { get; init; }

    /// <summary>The feed whose table it is. Default: every feed that has one of that name.</summary>
    public string? Feed { get; init; }

    /// <summary>The column that is the key. Rows in which it is null touch no key.</summary>
    public string? KeyColumn { get; init; }

    /// <summary>The keys of a row where one column does not say it. May be given beside <see cref="KeyColumn"/>; what it reads must be among <see cref="Columns"/>. An exception makes the keyspace doubtful and raises an
    /// alarm.</summary>
    public Func<RowValues, IEnumerable<TKey>>? Keys { get; init; }

    /// <summary>The columns that <see cref="Keys"/> reads.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>The tags of a row, with columns in braces: <c>category:{category_id}</c>. A row in which one of them is null has no such tag. In a keyspace with tenants they are tags of the tenant of the row's
    /// key.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>From how many rows of one transaction on they are not told apart any more: they change <see cref="TagOfMany"/>, or the keyspace. Default 10,000; at least 1.</summary>
    public int RowsMax { get; init; } = 10_000;

    /// <summary>The tag that stands for a large transaction: one that every entry carries which this table touches. Default: the whole keyspace.</summary>
    public string? TagOfMany { get; init; }
}
