using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Shared;

namespace Millpond.Reading;

/// <summary>Makes entries of what the shared tier's records say; null of one that cannot be read, which then counts as absent and is reported.</summary>
internal sealed class RecordEntries<TKey, TValue>(KeyspaceCore<TKey, TValue> core, EntryMaker<TKey, TValue> maker)
    where TKey : notnull
{
    public Entry<TValue>? Read(Flight<TKey, TValue> flight, SharedRecord record, in ReadReply reply, long askedAt)
    {
        if (record.Kind == RecordKind.Value && !core.Parts.Codec.Reads(record.Codec))
        {
            core.Listener.On(new RecordUnreadable(core.Name, new InvalidDataException($"The record was written by codec {record.Codec:x8}.")));
            return null;
        }

        var current = core.Rules.IsOfIncarnation(record.Incarnation, reply.State.Incarnation);
        var answeredAt = core.Surroundings.Now;
        try
        {
            var entry = maker.FromRecord(flight.Key, record, flight.Options, new Provenance
            {
                View = flight.View,
                LoadedAt = core.Rules.LoadedAt(askedAt, answeredAt, reply.Age),
                FetchedAt = askedAt,
                Stamp = record.Stamp,
                ValidAsOf = current ? record.Stamp : 0,
                Incarnation = record.Incarnation,
                Epoch = current ? flight.Epoch : 0, // Epochs begin at 1, so this one is never current.

                // Its load began no later than the reply's age says when counted from the reply: both together still end after the load did.
                LoadTicks = record.LoadTime.Ticks + answeredAt - askedAt,
                FilledUnder = record.FilledUnder,
                Origin = ReadOrigin.Shared,
            });
            entry.InvalidatedAt = reply.IsInvalidated ? Math.Max(1, askedAt - reply.InvalidatedFor.Ticks) : 0;
            return entry;
        }
        catch (MillpondException failure)
        {
            core.Listener.On(new RecordUnreadable(core.Name, failure));
            return null;
        }
    }
}
