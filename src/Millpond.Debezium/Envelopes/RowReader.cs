using System.Text.Json;
using Millpond.Feeds;

namespace Millpond.Debezium.Envelopes;

/// <summary>Reads what a row was and is.</summary>
/// <remarks>
/// Not every envelope has the row from before. PostgreSQL sends of it what the replica identity has, so <c>before</c> is null where nothing of the identity changed, and has the key alone, everything else being blank, where a row was deleted. MongoDB sends
/// none unless it keeps pre-images. What is certain then is the key, because a row whose key changes is told as deleted and made anew; everything else is not known, and a rule that asks for it makes its keyspace doubtful.
/// </remarks>
internal sealed class RowReader(DebeziumOptions options)
{
    private readonly FieldReader _fields = new(options.UnavailableValue);

    public DebeziumEvent Read(RowChangeKind change, DebeziumSource source, (JsonElement? Schema, JsonElement Payload) key, JsonElement? schema, JsonElement payload)
    {
        var keys = source.IsMongo ? MongoDocument.ReadKey(key.Payload) : _fields.ReadRow(key.Schema, key.Payload);
        var (before, after) = (Image("before"), Image("after"));
        if (source.IsMongo && after is null && change == RowChangeKind.Update)
        {
            after = MongoDocument.ReadUpdate(payload, keys);
        }

        var keyNames = keys?.Select(one => one.Name).ToHashSet(StringComparer.Ordinal) ?? KeyNames(source);
        if (source.IsPostgres && before is not null)
        {
            before = WithoutBlanks(before, keyNames);
        }

        var old = change == RowChangeKind.Insert ? null : Known(before, keys, keyNames, after);
        if ((change != RowChangeKind.Delete && after is null) || (change == RowChangeKind.Delete && old is null))
        {
            return DebeziumEvent.Refused($"a row's {change} came without the row and without its key.", source);
        }

        return new DebeziumEvent { Kind = DebeziumKind.Row, Change = change, Source = source, Tables = [source.Names], Old = Values(old, after), New = change == RowChangeKind.Delete ? null : Values(after, before) };

        List<Field>? Image(string name) =>
            !payload.TryGetProperty(name, out var row) ? null
            : source.IsMongo ? MongoDocument.Read(row)
            : _fields.ReadRow(schema is { } all ? FieldReader.SchemaOf(all, name) : null, row);
    }

    private HashSet<string>? KeyNames(DebeziumSource source) =>
        source.IsMongo ? ["_id"] : source.Names.Select(options.KeyColumns.GetValueOrDefault).FirstOrDefault(found => found is not null)?.ToHashSet(StringComparer.Ordinal);

    /// <summary>The row from before with what is certain of it.</summary>
    private static List<Field>? Known(List<Field>? before, List<Field>? keys, HashSet<string>? keyNames, List<Field>? after) =>
        before ?? keys ?? (keyNames is not null ? after?.Where(one => keyNames.Contains(one.Name)).ToList() : null);

    /// <summary>Where all but the key is blank, the replica identity does not have it. Where the key is not known, nothing that is blank is believed.</summary>
    private static List<Field> WithoutBlanks(List<Field> before, HashSet<string>? keyNames) =>
        keyNames is null || before.Where(one => !keyNames.Contains(one.Name)).All(one => one.IsBlank)
            ? [.. before.Select(one => one.IsBlank || (keyNames is not null && !keyNames.Contains(one.Name)) ? one with { Value = RowValues.Absent } : one)]
            : before;

    /// <summary>A value that is not known because it is large and did not change is what it was.</summary>
    private static RowValues? Values(List<Field>? row, List<Field>? other)
    {
        if (row is null)
        {
            return null;
        }

        return new RowValues(
            [.. row.Select(one => one.Name)],
            [.. row.Select(one => ReferenceEquals(one.Value, FieldReader.Unavailable) ? other?.FirstOrDefault(same => same.Name == one.Name).Value is { } kept && !ReferenceEquals(kept, FieldReader.Unavailable) ? kept : RowValues.Absent : one.Value)]);
    }
}

/// <summary>A column and what it holds.</summary>
internal readonly record struct Field(string Name, object? Value)
{
    public bool IsBlank => Value is null or "" or "0" or "false";
}
