using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Local;

namespace Millpond.Reading;

/// <summary>What a keyspace declares to stand in for a value that can neither be loaded nor served stale. It is answered and kept nowhere.</summary>
internal sealed class Substitutes<TKey, TValue>(KeyspaceCore<TKey, TValue> core, EntryMaker<TKey, TValue> maker)
    where TKey : notnull
{
    /// <summary>Null if the keyspace declares nothing, or if its function throws, and then the failure of the load is what matters.</summary>
    public Entry<TValue>? For(Flight<TKey, TValue> flight)
    {
        if (core.Parts.Fallback is not { } fallback || flight.IsRenewal || core.IsDisposed)
        {
            return null;
        }

        try
        {
            var now = core.Surroundings.Now;
            var view = flight.View;
            return maker.FromSource(flight.Key, LoadResult.From(fallback(flight.Key)), flight.Options, new Provenance
            {
                View = view,
                LoadedAt = now,
                FetchedAt = now,
                Stamp = flight.SequenceAtStart,
                ValidAsOf = flight.SequenceAtStart,
                Incarnation = view.Incarnation,
                Epoch = flight.Epoch,
                Origin = ReadOrigin.Fallback,
            });
        }
        catch (Exception fault)
        {
            core.Listener.On(new ValueNotStored(core.Name, fault is MillpondException ? fault : LoadFailures.FunctionThrew(core.Name, "fallback", fault)));
            return null;
        }
    }
}
