using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata;
using Millpond.Feeds.Outboxes;

namespace Millpond.EntityFrameworkCore;

/// <summary>Finds the rows that a context is about to change, of tables that are followed.</summary>
internal sealed class TrackedChanges
{
    private readonly IReadOnlyList<EntityEntry> _entries;
    private readonly TableNames _tables;

    public TrackedChanges(DbContext context, TableNames tables)
    {
        var tracker = context.ChangeTracker;
        if (tracker.CascadeDeleteTiming == CascadeTiming.OnSaveChanges || tracker.DeleteOrphansTiming == CascadeTiming.OnSaveChanges)
        {
            // What the save would do a moment later.
            tracker.CascadeChanges();
        }

        // Looks for changes as the save does, where that is not switched off.
        (_entries, _tables) = ([.. tracker.Entries()], tables);
    }

    public IReadOnlyList<ChangedRow> Find()
    {
        List<ChangedRow> rows = [];
        foreach (var entry in _entries.Where(entry => entry.State is EntityState.Added or EntityState.Modified or EntityState.Deleted))
        {
            var row = RowOf(entry);
            if (row != entry && row.State != EntityState.Unchanged)
            {
                // Found by itself.
                continue;
            }

            foreach (var mapping in row.Metadata.GetTableMappings())
            {
                if (_tables.Find(mapping.Table.Schema, mapping.Table.Name) is { } table)
                {
                    rows.Add(new ChangedRow(row, row == entry ? entry.State : EntityState.Modified, mapping, table, SharersOf(row, mapping.Table)));
                }
            }
        }

        return [.. rows.Where(row => !row.IsToldByAnother).DistinctBy(row => (row.Entry, row.Table))];
    }

    /// <summary>What is kept as JSON in a column belongs to the row of whoever owns it.</summary>
    private EntityEntry RowOf(EntityEntry entry)
    {
        while (entry.Metadata.IsMappedToJson() && entry.Metadata.FindOwnership() is { } ownership
            && _entries.FirstOrDefault(other => ownership.PrincipalEntityType.IsAssignableFrom(other.Metadata) && Same(entry, ownership.Properties, other, ownership.PrincipalKey.Properties)) is { } owner)
        {
            entry = owner;
        }

        return entry;
    }

    /// <summary>Other entities that are kept in the same row.</summary>
    private IEnumerable<EntityEntry> SharersOf(EntityEntry entry, ITable table) => _entries.Where(other =>
        other.Entity != entry.Entity && !other.Metadata.IsMappedToJson() && other.Metadata.GetTableMappings().Any(mapping => mapping.Table == table)
        && entry.Metadata.FindPrimaryKey() is { } key && other.Metadata.FindPrimaryKey() is { } otherKey && Same(entry, key.Properties, other, otherKey.Properties));

    private static bool Same(EntityEntry one, IReadOnlyList<IProperty> properties, EntityEntry other, IReadOnlyList<IProperty> otherProperties) =>
        properties.Count == otherProperties.Count && properties.Zip(otherProperties).All(pair => Equals(one.CurrentValues[pair.First], other.CurrentValues[pair.Second]));
}
