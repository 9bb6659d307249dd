using Millpond.Shared;

namespace Millpond.Partitions;

/// <summary>
/// What this process knows of one partition's control record: up to which change it has heard everything, the floors, and for how long
/// it may believe that.
/// </summary>
/// <remarks>
/// Written only by the partition's keeper and by our own changes, under <see cref="Gate"/>. Read by every hit without a lock: a hit needs
/// <see cref="NewestFloor"/>, <see cref="Epoch"/> and <see cref="TrustedUntil"/>, each published after what it stands for, so a hit that sees the
/// old figure began before the change was made known here.
/// </remarks>
internal sealed class PartitionView(PartitionId id)
{
    // An entry that outlived this many epochs unread is not worth serving stale.
    private const int EndedMax = 8;

    private long _newestFloor;
    private long _keyspaceFloor;
    private long _trustedUntil;
    private long _trustedUntilMilliseconds;
    private int _epoch;
    private FloorTable _floors = FloorTable.Empty;
    private EndedEpoch[] _ended = [];

    public Lock Gate { get; } = new();

    public PartitionId Id { get; } = id;

    public Incarnation Incarnation { get; private set; }

    /// <summary>Every change up to this one has been applied here.</summary>
    public long Sequence { get; private set; }

    /// <summary>Every floor change up to this one is in <see cref="Floors"/>.</summary>
    public long FloorsKnownTo { get; private set; }

    /// <summary>Begins anew whenever what was held before can no longer be proven: entries of an older epoch are soft-stale.</summary>
    public int Epoch => Volatile.Read(ref _epoch);

    public long EpochSince { get; private set; }

    /// <summary>The highest floor there is; an entry valid as of this or more needs no look at its scopes.</summary>
    public long NewestFloor => Volatile.Read(ref _newestFloor);

    /// <summary>The floor of the keyspace or of a doubt about it; an entry without scopes that is valid as of this or more is over every floor.</summary>
    public long KeyspaceFloor => Volatile.Read(ref _keyspaceFloor);

    public FloorTable Floors => Volatile.Read(ref _floors);

    /// <summary>Until when silence is no news.</summary>
    public long TrustedUntil => Volatile.Read(ref _trustedUntil);

    /// <summary>The same in milliseconds, rounded to the early side, as hits read their time.</summary>
    public long TrustedUntilMilliseconds => Volatile.Read(ref _trustedUntilMilliseconds);

    public void TrustUntilNeedsGate(long until)
    {
        Volatile.Write(ref _trustedUntil, until);
        Volatile.Write(ref _trustedUntilMilliseconds, until / TimeSpan.TicksPerMillisecond);
    }

    /// <summary>The epochs that have ended since one began, that one last; empty if it is too long ago to be remembered.</summary>
    public ReadOnlySpan<EndedEpoch> EndedSince(int epoch)
    {
        var ended = Volatile.Read(ref _ended);
        return ended.AsSpan(0, Array.FindIndex(ended, one => one.Epoch == epoch) + 1);
    }

    /// <summary>Starts another epoch: the incarnation changed, or a gap cannot be closed.</summary>
    public void BeginEpochNeedsGate(PartitionState state, FloorTable floors, long now)
    {
        if (_epoch > 0)
        {
            // What was not trusted any more had ended before.
            var ended = new EndedEpoch(_epoch, Incarnation, _floors, Math.Min(now, TrustedUntil));
            Volatile.Write(ref _ended, [ended, .. _ended.Take(EndedMax - 1)]);
        }

        Incarnation = state.Incarnation;
        Sequence = state.Sequence;
        FloorsKnownTo = state.Sequence;
        EpochSince = now;
        Volatile.Write(ref _floors, floors);
        Volatile.Write(ref _keyspaceFloor, floors.OfAll);
        Volatile.Write(ref _newestFloor, state.FloorSequence);
        Volatile.Write(ref _epoch, _epoch + 1);
    }

    /// <summary>Takes over a floor that a change set. Safe in any order and repeatedly: floors only rise.</summary>
    public void RaiseFloorNeedsGate(in SequencedChange change, long now)
    {
        var floors = change.Change.Kind switch
        {
            ChangeKind.Keyspace => _floors.RaiseKeyspace(change.Sequence, now),
            ChangeKind.Scope => _floors.RaiseScope(change.Change.Name, change.Sequence, now),
            _ => _floors,
        };
        if (!ReferenceEquals(floors, _floors))
        {
            Volatile.Write(ref _floors, floors);
            Volatile.Write(ref _keyspaceFloor, floors.OfAll);
            Volatile.Write(ref _newestFloor, Math.Max(_newestFloor, change.Sequence));
        }
    }

    /// <summary>Says that everything up to a change has been applied.</summary>
    public void AdvanceNeedsGate(long sequence)
    {
        Sequence = Math.Max(Sequence, sequence);
        FloorsKnownTo = Math.Max(FloorsKnownTo, sequence);
    }
}

/// <summary>An epoch of a view that is over.</summary>
/// <param name="Epoch">Its number.</param>
/// <param name="Incarnation">The life of the shared tier it was in.</param>
/// <param name="Floors">The floors known at its end: what was stale then stays stale.</param>
/// <param name="EndedAt">Since when its entries are stale.</param>
internal sealed record EndedEpoch(int Epoch, Incarnation Incarnation, FloorTable Floors, long EndedAt);
