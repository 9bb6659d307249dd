using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Millpond.Feeds;

namespace Millpond.EntityFrameworkCore;

/// <summary>A row that is about to change, as the tracker knows it.</summary>
/// <param name="entry">The entity that is kept in it.</param>
/// <param name="state">What becomes of it.</param>
/// <param name="mapping">Where its properties are kept.</param>
/// <param name="table">The table as rules name it.</param>
/// <param name="sharers">Other entities that are kept in the same row; looked for only where a column is not of this one.</param>
internal sealed class ChangedRow(EntityEntry entry, EntityState state, ITableMapping mapping, FeedTable table, IEnumerable<EntityEntry> sharers)
{
    private readonly Dictionary<EntityEntry, PropertyValues> _before = [];

    public EntityEntry Entry => entry;

    public string Table => table.Name;

    /// <summary>
    /// The entities of which the database has to be asked what it holds. One that was deleted or updated without having been read holds whatever the application put into it as the values from before: a deleted one may be a key and nothing else,
    /// and one that was handed over whole (<c>Update</c>) has every property marked as changed from what it is to what it is.
    /// </summary>
    public IReadOnlyList<EntityEntry> Unknown { get; } = state == EntityState.Added ? [] : [.. sharers.Prepend(entry).Where(one => IsUnknown(one, mapping, table))];


    /// <summary>Whether the row is told as that of another entity that is kept in it and changes too.</summary>
    public bool IsToldByAnother => IsPart && sharers.Any(other => other.State != EntityState.Unchanged && !IsPartOf(other));

    // A part of a row comes and goes as an update of the row.
    private bool IsPart => IsPartOf(entry);

    private bool IsPartOf(EntityEntry one) => mapping.Table.GetRowInternalForeignKeys(one.Metadata).Any();

    private RowChangeKind Kind => (IsPart ? EntityState.Modified : state) switch
    {
        EntityState.Added => RowChangeKind.Insert,
        EntityState.Deleted => RowChangeKind.Delete,
        _ => RowChangeKind.Update,
    };

    /// <summary>Takes what the database answered.</summary>
    /// <param name="one">One of the unknown.</param>
    /// <param name="values">Its values; null if its row is not there.</param>
    public void Answer(EntityEntry one, PropertyValues? values)
    {
        if (values is not null)
        {
            _before[one] = values;
        }
    }

    /// <summary>Keeps the values from before; those after it are read when the change is asked for, because the database may add to them.</summary>
    public Func<RowChange> Collect()
    {
        var (kind, others) = (Kind, new Lazy<IReadOnlyList<EntityEntry>>(() => [.. sharers]));
        var old = kind == RowChangeKind.Insert ? null : Image(OldValue, before: true, others);

        // The others that share the row are looked for now: afterwards those that are deleted are not tracked any more.
        _ = kind == RowChangeKind.Delete || table.Columns.All(column => Find(entry, mapping, column) is not null) ? null : others.Value;
        return () => new RowChange(table.Name, kind, old, kind == RowChangeKind.Delete ? null : Image(NewValue, before: false, others));
    }

    private static IEnumerable<IProperty> PropertiesOf(EntityEntry entry, ITableMapping mapping, FeedTable table) =>
        table.Columns.Select(column => Find(entry, mapping, column)?.Property).OfType<IProperty>();

    private static bool IsUnknown(EntityEntry entry, ITableMapping mapping, FeedTable table) => entry.State switch
    {
        EntityState.Deleted => PropertiesOf(entry, mapping, table).Any(property => !property.IsPrimaryKey()),
        EntityState.Modified => PropertiesOf(entry, mapping, table).Any(property => IsUnknownBefore(entry, property)),
        _ => false,
    };

    private static bool IsUnknownBefore(EntityEntry entry, IProperty property) =>
        !property.IsPrimaryKey() && property.DeclaringType is IEntityType && entry.Property(property) is { IsModified: true } tracked && Equals(tracked.OriginalValue, tracked.CurrentValue);

    /// <summary>By the column, because what a value inside the entity keeps there is not among the entity's own.</summary>
    private static IColumnMapping? Find(EntityEntry entry, ITableMapping mapping, string column) =>
        mapping.Table.FindColumn(Plain(column))?.PropertyMappings.FirstOrDefault(one => one.Property.DeclaringType.ContainingEntityType.IsAssignableFrom(entry.Metadata));

    private static string Plain(string column) => column.Length > 2 && column[0] == '"' && column[^1] == '"' ? column[1..^1] : column;

    private static object? Stored(IColumnMapping column, object? value) =>
        column.TypeMapping.Converter is { } converter && (value is not null || converter.ConvertsNulls) ? converter.ConvertToProvider(value) : value;

    private RowValues Image(Func<IColumnMapping, object?> own, bool before, Lazy<IReadOnlyList<EntityEntry>> others) =>
        new(table.Columns, [.. table.Columns.Select(column => Find(entry, mapping, column) is { } mapped ? own(mapped) : OfOthers(column, before, others.Value))]);

    private object? OldValue(IColumnMapping column) =>
        IsPart && state == EntityState.Added && !column.Property.IsPrimaryKey() ? null : Stored(column, ValuesBefore(entry)[column.Property]);

    private PropertyValues ValuesBefore(EntityEntry one) => _before.GetValueOrDefault(one) ?? one.OriginalValues;

    private object? NewValue(IColumnMapping column) =>
        IsPart && state == EntityState.Deleted && !column.Property.IsPrimaryKey() ? null : Stored(column, entry.CurrentValues[column.Property]);

    private object? OfOthers(string column, bool before, IReadOnlyList<EntityEntry> others)
    {
        foreach (var other in others.Where(other => other.State != (before ? EntityState.Added : EntityState.Deleted)))
        {
            if (Find(other, mapping, column) is { } mapped)
            {
                return Stored(mapped, (before ? ValuesBefore(other) : other.CurrentValues)[mapped.Property]);
            }
        }

        // A rule that asks for it makes its keyspace doubtful, which is an alarm and never a wrong key.
        return RowValues.Absent;
    }
}
