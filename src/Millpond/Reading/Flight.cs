using Millpond.Loading;
using Millpond.Local;
using Millpond.Partitions;
using Millpond.Shared;

namespace Millpond.Reading;

/// <summary>
/// One key on its way down the miss road, for however many callers wait for it.
/// </summary>
/// <remarks>
/// A flight is registered before it asks the shared tier, so that a change heard meanwhile finds and marks it (rule 7). Callers join it through
/// the table, under the key's stripe; the road fills in the fields below it as it goes; it ends exactly once.
/// </remarks>
internal sealed class Flight<TKey, TValue> : FlightEnd<TValue>
    where TKey : notnull
{
    // Stands in place of a load's cancellation once nobody waits for the flight any more.
    private static readonly CancellationTokenSource Abandoned = new();

    private LoadOutcome<TValue>? _outcome;
    private long _asOf = long.MaxValue;
    private CancellationTokenSource? _load;
    private int _waiters;
    private int _paused;

    public Flight(TKey key, SharedKey sharedKey, PartitionView view, long now, WaitParts<TValue> waiting)
        : base(waiting)
    {
        Key = key;
        SharedKey = sharedKey;
        View = view;
        StartedAt = now;
        Epoch = view.Epoch;
        FloorAtStart = view.NewestFloor;
        SequenceAtStart = view.Sequence;
    }

    public TKey Key { get; }

    public SharedKey SharedKey { get; }

    public PartitionView View { get; }

    public long StartedAt { get; }

    public int Epoch { get; }

    public long FloorAtStart { get; }

    public long SequenceAtStart { get; }

    /// <summary>Values whose load began before this do not satisfy the flight; <see cref="long.MinValue"/> if any will do.</summary>
    public long NotBefore { get; init; } = long.MinValue;

    /// <summary>Why it flies although a value is held and nobody waits; none if callers wait.</summary>
    public Policies.RefreshCause Renewal { get; init; }

    /// <summary>A renewal takes the shared tier's value only if it is another fill than the one held.</summary>
    public bool IsRenewal => Renewal != Policies.RefreshCause.None;

    /// <summary>By what a caller who joins makes it his; null unless it flies ahead of any demand.</summary>
    public LoadUrgency? Urgency { get; init; }

    /// <summary>Whether it flies ahead of any demand: warm-up alone waits for it, unless a caller joins.</summary>
    public bool IsAhead => Urgency is not null;

    /// <summary>Whether a caller's read began it, and so is one of those that are counted.</summary>
    public bool IsDemanded => !IsRenewal && !IsAhead;

    /// <summary>Its place among those that wait for the source.</summary>
    public LoadPriority Priority => IsRenewal ? LoadPriority.Refresh : IsAhead ? LoadPriority.WarmUp : LoadPriority.Interactive;

    /// <summary>The loader that an ad-hoc caller brought; null for the keyspace's own.</summary>
    public Loader<TKey, TValue>? Loader { get; init; }

    public EntryOptions? Options { get; init; }

    /// <summary>The best value known that is not good enough: held here when the flight began, or read on the way.</summary>
    public Entry<TValue>? Fallback { get; set; }

    /// <summary>Whether the shared tier had a value that its reader does not accept.</summary>
    public bool MetOlder { get; set; }

    public LeaseState Lease { get; set; }

    /// <summary>The newest change of the key heard during the flight. Written and read under the key's stripe.</summary>
    public ChangeMark Mark { get; private set; }

    /// <summary>Whether what an unleased load brings may be kept here: where the shared tier did not answer, or is not to be used; not where somebody else has the lease.</summary>
    public bool KeepsUnleased { get; set; }

    /// <summary>How the flight stands with the shared tier.</summary>
    public Standing Standing { get; set; }

    /// <summary>What the load brought; null until it ended.</summary>
    public LoadOutcome<TValue>? Outcome => Volatile.Read(ref _outcome);

    /// <summary>What it may use. Looking into the local tier was its caller's business, so that is no part of it.</summary>
    public required TierUse Use { get; init; }

    /// <summary>Whether the keyspace or the caller brought a loader, and may use it; without one a flight only looks.</summary>
    public bool CanLoad => (Use & TierUse.Source) != 0;

    /// <summary>Whether it loads under a lease. What is not to be stored in the shared tier needs none, and must not keep others waiting.</summary>
    public bool TakesLease => Use.Has(TierUse.Source | TierUse.SharedWrite);

    /// <summary>Whether it has yet to wait before it asks anybody anything. Until then a change is no reason to begin another one.</summary>
    public bool IsPaused
    {
        get => Volatile.Read(ref _paused) != 0;
        init => _paused = value ? 1 : 0;
    }

    /// <summary>The key's other flights, for callers with other wishes. Guarded by the key's stripe.</summary>
    public Flight<TKey, TValue>? Beside { get; set; }

    /// <summary>Whether a caller who wants this gets what it wants by waiting. A flight that only looks and finds nothing recent enough has not shown
    /// that there is nothing older.</summary>
    public bool Serves(long notBefore, TierUse use) =>
        Use == (use & ~TierUse.LocalRead) && (CanLoad ? NotBefore >= notBefore : NotBefore == notBefore);

    /// <summary>Ends the pause, before it asks: an exchange, so that no change that finds it paused is younger than what it asks for.</summary>
    public void Resume() => Interlocked.Exchange(ref _paused, 0);

    /// <summary>Says how the load can be cancelled; false if the flight was abandoned before it began.</summary>
    public bool BeginLoad(CancellationTokenSource load) => Interlocked.CompareExchange(ref _load, load, null) is null;

    /// <summary>Cancels the load, or keeps it from beginning.</summary>
    public void Abandon()
    {
        try
        {
            Interlocked.Exchange(ref _load, Abandoned)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The load ended at the same moment.
        }
    }

    public void MarkNeedsStripe(long sequence, Incarnation incarnation) => Mark = Mark.With(sequence, incarnation);

    /// <summary>The flight is off the table, or was never on it, so changes do not find it; nothing proves what it brings.</summary>
    public void KeepNothingNeedsStripe() => Mark = ChangeMark.OfEverything;

    public void JoinNeedsStripe() => _waiters++;

    /// <summary>Counts a caller out who has stopped waiting; true if nobody is left.</summary>
    public bool LeaveNeedsStripe() => --_waiters == 0;

    /// <summary>Something that its load relies on was asked for at this instant, so what it brings is as old as that, however much later the source is read.</summary>
    public void IsAsOf(long askedAt) => _asOf = askedAt;

    /// <summary>Ends the load, once: a load that was given up may still come back, and must not be heard then.</summary>
    public bool EndLoad(LoadOutcome<TValue> outcome) =>
        Interlocked.CompareExchange(ref _outcome, outcome.LoadedAt > _asOf ? outcome with { LoadedAt = _asOf } : outcome, null) is null;
}

/// <summary>An answer to a flight's callers.</summary>
/// <param name="Entry">The value; null if there is none and none can be loaded.</param>
/// <param name="Origin">Where it came from.</param>
/// <param name="Stale">Why it is not fresh.</param>
internal readonly record struct Answer<TValue>(Entry<TValue>? Entry, ReadOrigin Origin, StaleReason Stale);

/// <summary>The lease a flight holds.</summary>
/// <param name="Nonce">Its name; none if it holds none.</param>
/// <param name="State">The partition when it was granted.</param>
/// <param name="GrantedAt">When this process was told.</param>
internal readonly record struct LeaseState(Nonce Nonce, PartitionState State, long GrantedAt)
{
    public bool IsHeld => !Nonce.IsNone;
}

/// <summary>What a load brought for one flight.</summary>
/// <param name="Result">The loader's answer.</param>
/// <param name="Failure">Or why there is none.</param>
/// <param name="LoadedAt">When the load began.</param>
/// <param name="LoadTicks">How long it took.</param>
internal sealed record LoadOutcome<TValue>(LoadResult<TValue> Result, Exception? Failure, long LoadedAt, long LoadTicks)
{
    /// <summary>The scopes that a copied value carried, tags among them; null for what was loaded.</summary>
    public string[]? Scopes { get; init; }
}

/// <summary>How a flight stands with the shared tier.</summary>
internal enum Standing
{
    /// <summary>It may load: under its lease, or without one where none was to be had.</summary>
    MayLoad,

    /// <summary>Somebody else holds the lease.</summary>
    Held,

    /// <summary>It has ended.</summary>
    Ended,
}
