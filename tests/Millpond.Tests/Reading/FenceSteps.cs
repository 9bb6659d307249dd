using Millpond.Policies;
using Millpond.Reading;
using Millpond.Shared;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>
/// One run of a few actors on one key, a step at a time, beside a model of the shared tier. After every step: what is held locally has seen every change that
/// was heard here, and nobody joins a flight that has not.
/// </summary>
internal sealed class FenceSteps(ProtocolRules rules)
{
    private const int Key = 7;

    private readonly FenceRig _rig = new(rules);
    private long _changes;
    private long _heard;

    /// <summary>What went wrong; null if nothing.</summary>
    public string? Fault { get; private set; }

    /// <summary>Reads: begins or joins a flight, is answered by the shared tier, hears the answer.</summary>
    public Action[] Reader(long notBefore = long.MinValue)
    {
        Flight<int, long>? flight = null;
        var value = -1L;
        return
        [
            () => flight = Begin(notBefore, () => value),
            () => value = _changes,
            () => Land(flight, value, value),
        ];
    }

    /// <summary>Loads: begins or joins a flight, is granted the lease, reads the source, fills, hears whether the fill was stored.</summary>
    public Action[] Loader()
    {
        Flight<int, long>? flight = null;
        var (stamp, value, stored) = (-1L, -1L, false);
        return
        [
            () => flight = Begin(long.MinValue, () => value),
            () => stamp = Grant(flight),
            () => value = _changes,
            () => stored = stamp == _changes,
            () => Land(flight, stored ? value : -1, stamp),
        ];
    }

    /// <summary>Reads, and its only caller may give up at any time.</summary>
    public (Action[] Reader, Action[] Caller) Abandoned()
    {
        Flight<int, long>? flight = null;
        var value = -1L;
        return (
            [() => flight = Begin(long.MinValue, () => value), () => value = _changes, () => Land(flight, value, value)],
            [() => _ = flight is not null && _rig.Table.Leave(flight)]);
    }

    /// <summary>Another process's change: made, then heard here.</summary>
    public Action[] Change()
    {
        var sequence = 0L;
        return [() => sequence = ++_changes, () => Hear(sequence)];
    }

    /// <summary>Our own change: fenced, made, fenced again.</summary>
    public Action[] OwnChange()
    {
        var sequence = 0L;
        return [() => _rig.Table.Fence(Key, long.MaxValue, default, AfterInvalidation.Gone, 0), () => sequence = ++_changes, () => Hear(sequence)];
    }

    public void Check()
    {
        if (_rig.Local.Held(Key) is { } held && held.Value < _heard)
        {
            Fault ??= $"holds {held.Value} after change {_heard} was heard";
        }
    }

    public void CheckAtRest()
    {
        Check();
        if (_rig.Table.Count != 0)
        {
            Fault ??= "a flight stayed on the table";
        }
    }

    private readonly Dictionary<Flight<int, long>, Func<long>> _values = [];

    private Flight<int, long>? Begin(long notBefore, Func<long> value)
    {
        var held = _rig.Local.Held(Key);
        if (held is not null && notBefore == long.MinValue)
        {
            return null;
        }

        var (flight, created) = _rig.Join(Key, notBefore, held);
        if (created)
        {
            _values[flight!] = value;
            return flight;
        }

        if (_values[flight!]() is >= 0 and var coming && coming < _heard)
        {
            Fault ??= $"joined a flight that brings {coming} after change {_heard} was heard";
        }

        return null;
    }

    private long Grant(Flight<int, long>? flight)
    {
        if (flight is not null)
        {
            flight.Lease = new LeaseState(new Nonce(1, 1), new PartitionState(default, _changes, 0), 0);
        }

        return _changes;
    }

    private void Land(Flight<int, long>? flight, long value, long validAsOf)
    {
        if (flight is not null)
        {
            _rig.Table.Land(flight, value < 0 ? null : _rig.NewEntry(value, validAsOf));
        }
    }

    private void Hear(long sequence)
    {
        _rig.Table.Fence(Key, sequence, default, AfterInvalidation.Gone, 0);
        _heard = Math.Max(_heard, sequence);
    }
}
