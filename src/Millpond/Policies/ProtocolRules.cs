using Millpond.Partitions;
using Millpond.Shared;

namespace Millpond.Policies;

/// <summary>
/// The decisions of the caching protocol that this process makes, each a method of a line or two, so that they can be read together and
/// broken one at a time: each deliberate bug of the simulator overrides one of them.
/// </summary>
/// <remarks>
/// What the engine decides (who gets a lease, whether a fill is accepted, what a change does) is in the shared tier. The numbers are those of docs/protocol.md.
/// </remarks>
internal class ProtocolRules
{
    public static ProtocolRules Standard { get; } = new();

    /// <summary>Rule 4: the stamp of a load is the sequence that its lease was granted at, which is before the load.</summary>
    public virtual long StampOfLoad(PartitionState atLease, PartitionState now) => atLease.Sequence;

    /// <summary>Rule 7: what was fetched may be kept here only if nothing that concerns it was heard since it was proven valid, in the same epoch.</summary>
    /// <param name="validAsOf">The sequence the value is proven valid as of.</param>
    /// <param name="markedAt">The newest change of the key heard during the flight; 0 if none.</param>
    /// <param name="epoch">The epoch when the flight began.</param>
    /// <param name="view">The partition as known now.</param>
    public virtual bool MayKeepLocally(long validAsOf, long markedAt, int epoch, PartitionView view) =>
        validAsOf >= markedAt && epoch == view.Epoch;

    /// <summary>Rule 7, A40: an entry inherits its age. The engine measured it after we asked, so counting back from the asking errs to the old side.</summary>
    public virtual long LoadedAt(long askedAt, long answeredAt, TimeSpan age) => askedAt - age.Ticks;

    /// <summary>Rule 6: a scope's floor above what the entry is proven valid as of makes it stale. A sequence of another incarnation proves nothing.</summary>
    public virtual Floor FloorAbove(long validAsOf, string[] scopes, PartitionView view) => view.Floors.FirstAbove(validAsOf, scopes);

    /// <summary>Rule 7: a change touches what is valid as of an earlier sequence. Our own echo and replays therefore touch nothing new (A44).</summary>
    public virtual bool Touches(long changeSequence, long validAsOf) => validAsOf < changeSequence;

    /// <summary>Rule 7: after a break the subscription is confirmed before the state is read; the other way round loses what comes between (A33).</summary>
    public virtual bool SubscribesBeforeReading => true;

    /// <summary>Rule 7: an entry may be held fresh in silence for two heartbeats after the last proof, or after it was fetched.</summary>
    public virtual bool IsTrusted(long now, long trustedUntil, long fetchedAt, long trustTicks) =>
        now < trustedUntil || now - fetchedAt < trustTicks;

    /// <summary>Rule 7: a change that does not follow on the last one heard leaves a gap.</summary>
    public virtual bool IsGap(long knownTo, long sequence) => sequence > knownTo + 1;

    /// <summary>Rule 9: an entry of an older epoch is soft-stale.</summary>
    public virtual bool IsOfEpoch(int entryEpoch, int viewEpoch) => entryEpoch == viewEpoch;

    /// <summary>Rule 9: a record stamped in another life of the shared tier is soft-stale.</summary>
    public virtual bool IsOfIncarnation(Incarnation record, Incarnation partition) => record == partition;

    /// <summary>Rule 5: a reader that begins after a change may not wait for a flight that began before it.</summary>
    public virtual bool MayJoin(int flightEpoch, long flightFloor, PartitionView view) => flightEpoch == view.Epoch && flightFloor == view.NewestFloor;

    /// <summary>A15: a write is a change unless its writer says for certain that nothing was written.</summary>
    /// <param name="result">What the writer said; null if it threw or was late.</param>
    public virtual bool MayHaveWritten(WriteResultKind? result) => result != WriteResultKind.NotWritten;

    /// <summary>A52: a write is acknowledged when the journal has it, and not before.</summary>
    public virtual bool AcknowledgesAfterAppend => true;

    /// <summary>A54: what is pending is looked for before the source is asked. The other way round, a flush between the two would hide a write from both.</summary>
    public virtual bool AsksPendingFirst => true;

    /// <summary>A58: what is written for a key after a record of it was refused waits behind that one, so that a retry never brings an older value back.</summary>
    public virtual bool WaitsBehindDeadLetters => true;

    /// <summary>A57: of increments that are merged none is left out.</summary>
    public virtual long MergeDeltas(long older, long newer) => older + newer;

    /// <summary>Rule 3: a load whose fill was refused answers its callers and is kept nowhere.</summary>
    public virtual bool KeepsAfter(FillOutcome outcome) => outcome == FillOutcome.Stored;

    /// <summary>A49: from another side is copied only what has not changed here for as long as a change takes to come there.</summary>
    public virtual bool MayCopy(long now, long changedAt, TimeSpan holdOff) => changedAt == long.MinValue || now - changedAt >= holdOff.Ticks;

    /// <summary>A region has come as far as a session only at the same place of the same database's history, or a later one.</summary>
    public virtual bool HasReached(HomePosition region, HomePosition wanted) => region.Reaches(wanted);

    /// <summary>A value may show whatever was visible until its load had ended, so what a session has seen with it is no earlier than that.</summary>
    public virtual long SeenBy(long loadedAt, long loadEndedBy) => loadEndedBy;

    /// <summary>The guard: one more load may go to a source only below its limit (I5).</summary>
    public virtual bool MayEnter(int inside, int limit) => inside < limit;

    /// <summary>The guard: a load that ends gives back the one place it had.</summary>
    public virtual int InsideAfter(int inside) => inside - 1;

    /// <summary>The guard: what is past its time, or has nobody who waits for it, is never begun.</summary>
    public virtual bool MayBegin(long now, long deadline, bool isCancelled) => now < deadline && !isCancelled;
}
