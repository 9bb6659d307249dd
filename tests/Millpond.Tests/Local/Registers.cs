using Millpond.Events;
using Millpond.Local;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Local;

/// <summary>
/// Keys as registers that are read and written by several threads, and what each read may return. Writes of one key come one after another, as they do under its stripe,
/// and each has a number. A read must return a write no older than the last one that had ended, or had been seen by any read that had ended, before it began;
/// and none that had not begun when it ended.
/// </summary>
internal sealed class Registers<TKey>(TierRig<TKey, Quad> rig, Func<int, TKey> keyOf, int keys)
    where TKey : notnull
{
    private readonly TKey[] _keys = [.. Enumerable.Range(0, keys).Select(keyOf)];
    private readonly Lock[] _stripes = [.. Enumerable.Range(0, keys).Select(_ => new Lock())];
    private readonly Cell[] _cells = [.. Enumerable.Range(0, keys).Select(_ => new Cell())];
    private string? _fault;

    /// <summary>The first read that was wrong; null if none was.</summary>
    public string? Fault => Volatile.Read(ref _fault);

    /// <summary>Whether nothing goes by itself, so that what was not removed must be found.</summary>
    public bool NothingGoes { get; init; }

    /// <summary>How long an entry lives, in milliseconds of the rig's clock.</summary>
    public int LiveMax { get; init; } = 1_000_000_000;

    public long Reads => _cells.Sum(cell => Volatile.Read(ref cell.Reads));

    public void Read(int n)
    {
        var (cell, key) = (_cells[n], _keys[n]);
        var (floor, set) = (Math.Max(Volatile.Read(ref cell.Ended), Volatile.Read(ref cell.Seen)), Volatile.Read(ref cell.SetEnded));
        var hit = rig.Tier.TryHit(key, rig.NowMilliseconds);
        var (isFound, value, isStale) = ((hit.Flags & SlotFlags.Held) != 0, hit.Value, false);
        if (!isFound && rig.Tier.TryGet(key, out var entry))
        {
            (isFound, value, isStale) = (true, entry.Value, entry.InvalidatedAt > 0);
            Check(entry.LoadedAt <= rig.Now && entry.LoadedAt <= entry.FreshUntil && entry.FreshUntil <= entry.HardUntil, n, "times that are not of one entry", value);
        }

        Interlocked.Increment(ref cell.Reads);
        if (!isFound)
        {
            // It may have been removed by whatever began after what had been set, and by nothing else.
            Check(!NothingGoes || set == 0 || Volatile.Read(ref cell.RemovalBegun) > set, n, $"nothing, though write {set} had ended", value);
            return;
        }

        Check(value.IsWholeOf(n), n, "a value that is torn or another's", value);
        Check(isStale || value.Sequence >= floor, n, $"what had been overwritten, invalidated or removed by {floor}", value);
        Check(value.Sequence <= Volatile.Read(ref cell.Begun), n, "what was not written yet", value);
        if (!isStale)
        {
            Raise(ref cell.Seen, value.Sequence);
        }
    }

    public void Write(int n, Random chance)
    {
        var (cell, key) = (_cells[n], _keys[n]);
        lock (_stripes[n])
        {
            var sequence = cell.Begun + 1;
            var kind = chance.Next(10);
            if (kind == 0)
            {
                Volatile.Write(ref cell.RemovalBegun, sequence);
            }

            Volatile.Write(ref cell.Begun, sequence);
            switch (kind)
            {
                case 0:
                    rig.Tier.Remove(key, EvictionCause.Invalidated);
                    break;
                case 1:
                    rig.Tier.MarkInvalidated(key, sequence);
                    break;
                default:
                    // Stale times that come and go, so that lineages do.
                    var live = TimeSpan.TicksPerMillisecond * (1 + chance.Next(LiveMax));
                    rig.Tier.Set(key, Slotted.Entry(rig.View, new Quad(n, sequence), rig.Now, live, staleTicks: sequence % 41 * TimeSpan.TicksPerMillisecond));
                    break;
            }

            Volatile.Write(ref cell.SetEnded, kind > 1 ? sequence : cell.SetEnded);
            Volatile.Write(ref cell.Ended, sequence);
        }
    }

    private void Check(bool holds, int n, string what, Quad value)
    {
        if (!holds)
        {
            Interlocked.CompareExchange(ref _fault, $"A read of key {n} returned {what}: {value}.", null);
        }
    }

    private static void Raise(ref long to, long value)
    {
        for (var known = Volatile.Read(ref to); known < value;)
        {
            known = Interlocked.CompareExchange(ref to, value, known) is var found && found == known ? value : found;
        }
    }

    private sealed class Cell
    {
        public long Begun;
        public long Ended;
        public long SetEnded;
        public long Seen;
        public long RemovalBegun;
        public long Reads;
    }
}
