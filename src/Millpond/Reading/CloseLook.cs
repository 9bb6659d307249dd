using System.Runtime.CompilerServices;
using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Local;

namespace Millpond.Reading;

/// <summary>Those hits in this process that are more than counted: one in many is timed, one in fewer is noted for the keys that are hot.</summary>
internal sealed class CloseLook<TKey, TValue>(KeyspaceCore<TKey, TValue> core)
    where TKey : notnull
{
    /// <summary>A plain hit that is timed from its beginning, or noted, or both.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hits">This thread's cells.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public Hit<TValue> TryHit(TKey key, long[] hits)
    {
        var isTimed = HitCounter.IsTimed(hits);
        var beganAt = isTimed ? core.Surroundings.Now : 0;
        var hit = core.Local.TryHit(key, core.Surroundings.MillisecondsAtMost);
        if (hit.Flags != SlotFlags.None)
        {
            var now = isTimed ? core.Surroundings.Now : 0;
            HitCounter.Add(hits, HitCounter.KindOf((hit.Flags & SlotFlags.Negative) != 0, stale: false));
            if (isTimed && core.Local.LoadedAt(key) is { } loadedAt)
            {
                core.Listener.On(new HitSampled(core.Name, now - beganAt, now - loadedAt));
            }

            if (HitCounter.TakeNote(hits, core.Hot is not null))
            {
                core.Hot!.Note(key, HitCounter.ReadsPerNote);
            }
        }

        return hit;
    }

    /// <summary>Counts a hit that was no plain one, and notes it: now and then, as plain ones, or each where those of its kind are few.</summary>
    public void Count(TKey key, bool isNegative, bool isStale)
    {
        core.Counters.Hit(ReadOrigin.Local, isNegative, isStale);
        if (core.Hot is not { } hot)
        {
            return;
        }

        if (isNegative || isStale)
        {
            hot.Note(key, 1);
        }
        else if (core.Counters.LocalHits.Mine is var hits && HitCounter.IsLookedAt(hits) && HitCounter.TakeNote(hits, notes: true))
        {
            hot.Note(key, HitCounter.ReadsPerNote);
        }
    }
}
