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
    private long _newestFloor;
    private long _trustedUntil;
    private int _epoch;
    private FloorTable _floors = FloorTable.Empty;

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

    public FloorTable Floors => Volatile.Read(ref _floors);

    /// <summary>Until when silence is no news.</summary>
    public long TrustedUntil => Volatile.Read(ref _trustedUntil);

    public void TrustUntilNeedsGate(long until) => Volatile.Write(ref _trustedUntil, until);

    /// <summary>Starts another epoch: the incarnation changed, or a gap cannot be closed.</summary>
    public void BeginEpochNeedsGate(PartitionState state, FloorTable floors, long now)
    {
        Incarnation = state.Incarnation;
        Sequence = state.Sequence;
        FloorsKnownTo = state.Sequence;
        EpochSince = now;
        Volatile.Write(ref _floors, floors);
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
