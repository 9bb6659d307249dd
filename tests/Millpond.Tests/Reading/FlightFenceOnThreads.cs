using Millpond.Local;
using Millpond.Reading;
using Millpond.Shared;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>The fence between flights and changes on real threads, with evictions: no read misses a change that was heard before the read began.</summary>
public sealed class FlightFenceOnThreads
{
    private const int Keys = 8;
    private const int Turns = 100_000;

    private readonly FenceRig _rig = new();
    private readonly Lock _engine = new();
    private readonly long[] _made = new long[Keys];
    private readonly long[] _heard = new long[Keys];
    private long _changes;
    private int _faults;

    [Fact]
    public void No_read_that_begins_after_a_change_was_heard_misses_it()
    {
        _rig.Local.Limit(0, 4_000); // Half the keys.
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(seed => new Thread(() => Run(new Random(seed))))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Equal(0, _faults);
        Assert.Equal(0, _rig.Table.Count);
        Assert.All(Enumerable.Range(0, Keys), key => Assert.True(_rig.Local.Held(key) is not { } held || held.Value == _made[key]));
    }

    private void Run(Random chance)
    {
        for (var turn = 0; turn < Turns; turn++)
        {
            var key = chance.Next(Keys);
            if (chance.Next(8) == 0)
            {
                Change(key);
            }
            else if (!IsRight(key, Volatile.Read(ref _heard[key])))
            {
                Interlocked.Increment(ref _faults);
            }
        }
    }

    /// <summary>One read, and whether it saw what had been heard when it began.</summary>
    private bool IsRight(int key, long floor)
    {
        if (_rig.Local.TryGet(key, out var held))
        {
            return held.Value >= floor;
        }

        var (flight, created) = _rig.Join(key, long.MinValue, null);
        if (flight is null)
        {
            return true; // Another's flight landed in between; who reads looks again.
        }

        if (created)
        {
            var entry = Ask(key);
            _rig.Table.Land(flight, entry);
            flight.Answer(new Answer<long>(entry, ReadOrigin.Shared, StaleReason.None));
        }

        return flight.Completion.Result.Entry!.Value >= floor;
    }

    private Entry<long> Ask(int key)
    {
        lock (_engine)
        {
            return _rig.NewEntry(_made[key], _changes);
        }
    }

    private void Change(int key)
    {
        long sequence;
        lock (_engine)
        {
            sequence = _made[key] = ++_changes;
        }

        _rig.Table.Fence(key, sequence, default, AfterInvalidation.Gone, 0);
        var known = Volatile.Read(ref _heard[key]);
        while (known < sequence && Interlocked.CompareExchange(ref _heard[key], sequence, known) is var found && found != known)
        {
            known = found;
        }
    }
}
