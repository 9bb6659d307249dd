using Millpond.Journals;
using Millpond.Policies;
using Millpond.Sinks;

namespace Millpond.Writing.Behind;

/// <summary>A record with its key and value as the application knows them.</summary>
internal readonly record struct DecodedRecord<TKey, TValue>(JournalRecord Record, TKey Key, TValue? Value)
    where TKey : notnull;

/// <summary>Brings a batch's records of one key together. Of states the last one counts; of increments none is left out (A57).</summary>
internal static class Coalescing
{
    public static List<SinkItem<TKey, TValue>> Merge<TKey, TValue>(IEnumerable<DecodedRecord<TKey, TValue>> records, ProtocolRules rules)
        where TKey : notnull
    {
        var items = new List<SinkItem<TKey, TValue>>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (record, key, value) in records)
        {
            if (!places.TryGetValue(record.Key, out var place))
            {
                places[record.Key] = items.Count;
                items.Add(new(key, record.Kind, value, record.Delta, record.Position, 1));
                continue;
            }

            var older = items[place];
            var delta = record.Kind == JournalKind.Increment ? rules.MergeDeltas(older.Delta, record.Delta) : 0;
            items[place] = new(key, record.Kind, value, delta, record.Position, older.Writes + 1);
        }

        return items;
    }
}
