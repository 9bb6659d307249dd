using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Millpond.Partitions;
using Millpond.Shared;

namespace Millpond.Local;

/// <summary>
/// The lineages of one shard's entries, by number: one for each partition, epoch, origin and time that stale entries are kept, so a handful where there is one partition and some hundreds
/// where there are many. Changed under the shard's lock; read without it, inside a reading of a slot that is then found unchanged, so that a number that has gone to another lineage
/// is never believed.
/// </summary>
/// <remarks>A number whose last entry has gone is used anew, and not before: until then the same kind of entry finds it again.</remarks>
internal sealed class Lineages
{
    // What a slot has room to name.
    private const int Max = ushort.MaxValue + 1;
    private const int RoomMin = 8;

    // Entries with times of their own may begin as many for each kind; looking through them takes a hundred nanoseconds. Further ones carry their times in full.
    private const int TimesMax = 32;

    private readonly Dictionary<Kind, List<int>> _kinds = [];
    private readonly Queue<int> _idle = new();
    private Lineage?[] _lineages = new Lineage?[RoomMin];
    private int _last;
    private int _used;

    /// <summary>By number; for readers, who save a step. Another one after growing.</summary>
    public Lineage?[] All => _lineages;

    public Lineage this[int number] => Volatile.Read(ref _lineages)[number]!;

    /// <summary>One of those that a reader knows; one that makes no hit of anything if it began since.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lineage Known(Lineage?[] lineages, int number) => (uint)number < (uint)lineages.Length ? lineages[number]! : Lineage.Unknown;

    /// <summary>The entry's lineage, begun if need be, and whether the entry's times have to be carried in full; -1 if it belongs to a kind that there is no room for.</summary>
    public int OfNeedsGate<TValue>(Entry<TValue> entry, long now, out bool isWide)
    {
        isWide = false;
        if (_used > 0 && _lineages[_last]!.IsOf(entry, now))
        {
            return _last;
        }

        var kind = new Kind(entry.View, entry.Epoch, entry.Origin, entry.Incarnation);
        var carrier = -1;
        var ofItsKind = _kinds.GetValueOrDefault(kind);
        foreach (var number in CollectionsMarshal.AsSpan(ofItsKind))
        {
            if (_lineages[number]!.IsOf(entry, now))
            {
                return _last = number;
            }

            carrier = _lineages[number]!.CanCarry(entry) ? number : carrier;
        }

        if ((carrier < 0 || ofItsKind!.Count < TimesMax) && TakeNumber() is >= 0 and var taken)
        {
            BeginNeedsGate(taken, Lineage.For(entry, now), kind);
            return _last = taken;
        }

        isWide = carrier >= 0;
        return carrier;
    }

    /// <summary>An entry of it is held from now on.</summary>
    public void JoinNeedsGate(int number) => _lineages[number]!.Entries++;

    /// <summary>An entry of it is held no more.</summary>
    public void LeaveNeedsGate(int number)
    {
        var lineage = _lineages[number]!;
        if (--lineage.Entries == 0 && !lineage.IsIdle)
        {
            lineage.IsIdle = true;
            _idle.Enqueue(number);
        }
    }

    private void BeginNeedsGate(int number, Lineage lineage, Kind kind)
    {
        (CollectionsMarshal.GetValueRefOrAddDefault(_kinds, kind, out _) ??= []).Add(number);
        if (number == _lineages.Length)
        {
            var more = new Lineage?[number * 2];
            _lineages.CopyTo(more, 0);
            Volatile.Write(ref _lineages, more);
        }

        Volatile.Write(ref _lineages[number], lineage);
    }

    private int TakeNumber()
    {
        while (_idle.TryDequeue(out var number))
        {
            var lineage = _lineages[number]!;
            lineage.IsIdle = false;
            if (lineage.Entries == 0)
            {
                EndNeedsGate(number, new Kind(lineage.View, lineage.Epoch, lineage.Origin, lineage.Incarnation));
                return number;
            }
        }

        return _used < Max ? _used++ : -1;
    }

    private void EndNeedsGate(int number, Kind kind)
    {
        var numbers = _kinds[kind];
        numbers.Remove(number);
        if (numbers.Count == 0)
        {
            _kinds.Remove(kind);
        }
    }

    /// <summary>What entries that came the same way have in common, whatever their times.</summary>
    private readonly record struct Kind(PartitionView View, int Epoch, ReadOrigin Origin, Incarnation Incarnation);
}
