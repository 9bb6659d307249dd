using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Loading;
using Millpond.Local;
using Millpond.Policies;
using Millpond.Runtime;

namespace Millpond.Reading;

/// <summary>
/// The read road. A hit ends in <see cref="TryHit(TKey)"/>: table, comparisons, value. Whatever is not a plain hit is judged; what cannot be served joins the key's flight,
/// or begins one and sends it down the miss road.
/// </summary>
internal sealed class ReadRoad<TKey, TValue>
    where TKey : notnull
{
    // A caller stricter than the flight it met goes round again; each round begins or meets a newer flight, so more rounds than this are a defect.
    private const int RoundsMax = 100;

    private readonly KeyspaceCore<TKey, TValue> _core;
    private readonly Departures<TKey, TValue> _departures;
    private readonly Arrivals<TKey, TValue> _arrivals;
    private readonly PlainRead<TKey, TValue> _plain;
    private readonly ProvenRead<TKey, TValue> _proven;
    private readonly CloseLook<TKey, TValue> _close;

    // Two steps fewer for a hit.
    private readonly LocalTier<TKey, TValue> _local;
    private readonly HitCounter _hits;
    private readonly Surroundings _surroundings;

    public ReadRoad(KeyspaceCore<TKey, TValue> core, Departures<TKey, TValue> departures, Arrivals<TKey, TValue> arrivals)
    {
        _core = core;
        _local = core.Local;
        _hits = core.Counters.LocalHits;
        _surroundings = core.Surroundings;
        _departures = departures;
        _arrivals = arrivals;
        _plain = new PlainRead<TKey, TValue>(core, departures, arrivals);
        _proven = new ProvenRead<TKey, TValue>(core);
        _close = new CloseLook<TKey, TValue>(core);
    }

    /// <summary>The plain hit: synchronous, no allocation, no lock. Without flags: there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Hit<TValue> TryHit(TKey key)
    {
        var hits = _hits.Mine;
        if (HitCounter.IsLookedAt(hits))
        {
            return _close.TryHit(key, hits);
        }

        var hit = _local.TryHit(key, _surroundings.MillisecondsAtMost);
        if (hit.Flags != SlotFlags.None)
        {
            HitCounter.Add(hits, HitCounter.KindOf((hit.Flags & SlotFlags.Negative) != 0, stale: false));
        }

        return hit;
    }

    /// <summary>The plain hit, with the characters of a string that need not be built.</summary>
    public Hit<TValue> TryHit(ReadOnlySpan<char> key)
    {
        var hit = _local.TryHit(key, _surroundings.MillisecondsAtMost);
        if (hit.Flags != SlotFlags.None)
        {
            HitCounter.Add(_hits.Mine, HitCounter.KindOf((hit.Flags & SlotFlags.Negative) != 0, stale: false));
        }

        return hit;
    }

    /// <summary>A look into the local tier alone: fresh and found, or false. Counts nothing.</summary>
    public bool TryPeek(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_core.Local.TryGet(key, out var entry) && entry.Kind == Shared.RecordKind.Value
            && Judged(key, entry, _core.Policy, _core.Surroundings.Now).Verdict is Verdict.Fresh or Verdict.FreshButRenew)
        {
            value = entry.Value!;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Whether a key is held fresh, be it as one that the source does not have; counts nothing.</summary>
    public bool HasFresh(TKey key, out Entry<TValue>? held) =>
        _core.Local.TryGet(key, out held) && Judged(key, held, _core.Policy, _core.Surroundings.Now).Verdict is Verdict.Fresh or Verdict.FreshButRenew;

    /// <summary>Gets a value that is no plain hit.</summary>
    public ValueTask<TValue?> GetAsync(TKey key, Loader<TKey, TValue>? loader, EntryOptions? entryOptions, CancellationToken cancellationToken) =>
        _plain.TryJoin<TValue, AsHeld<TValue>>(key, _departures.UseOf(loader, entryOptions), cancellationToken, out var wait) || _plain.TryBegin(key, loader, entryOptions, cancellationToken, out wait)
            ? wait
            : GetByReadingAsync(key, loader, entryOptions, cancellationToken);

    /// <summary>Joins a flight that is under way, where that is all there is to do.</summary>
    public bool TryJoin<TResult, TShape>(TKey key, TierUse use, CancellationToken cancellationToken, out ValueTask<TResult?> wait)
        where TShape : struct, IAnswerShape<TValue, TResult> =>
        _plain.TryJoin<TResult, TShape>(key, use, cancellationToken, out wait);

    /// <summary>What is held here of a key, if a change feed proves that it is within the bound that is asked for; null without a bound, or a proof.</summary>
    public ValueTask<Reading<TValue>?> TryProvenAsync(TKey key, ReadOptions options, long notBefore) =>
        options.MaxStaleness is not null && _core.Proof is { } proof ? _proven.TryAsync(proof, key, notBefore) : new((Reading<TValue>?)null);

    public async ValueTask<Reading<TValue>> ReadAsync(TKey key, ReadOptions options, Loader<TKey, TValue>? loader, EntryOptions? entryOptions, CancellationToken cancellationToken)
    {
        _core.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var beganAt = _core.Surroundings.Now;
        var notBefore = options.NotBefore(beganAt);
        var use = _departures.UseOf(loader, entryOptions);
        return use.Has(TierUse.LocalRead) && await TryProvenAsync(key, options, notBefore).ConfigureAwait(false) is { } proven
            ? proven
            : await ReadAsync(key, new ReadAccepts(beganAt, notBefore), options, loader, entryOptions, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads what was loaded at a time or later.</summary>
    public async ValueTask<Reading<TValue>> ReadAsync(TKey key, ReadAccepts accepts, ReadOptions options, Loader<TKey, TValue>? loader, EntryOptions? entryOptions, CancellationToken cancellationToken)
    {
        var (beganAt, notBefore) = accepts;
        var use = _departures.UseOf(loader, entryOptions);
        for (var round = 0; round < RoundsMax; round++)
        {
            Reading<TValue>? served = null;
            var held = use.Has(TierUse.LocalRead) ? Look(key, notBefore, beganAt, loader, entryOptions, out served) : null;
            if (served is { } reading)
            {
                return reading;
            }

            // Before the flight is registered, because connecting begins an epoch, and a flight from before it keeps nothing.
            var name = _core.NameOf(key);
            await _core.KeeperOf(name).StartAsync().ConfigureAwait(false);
            if (options.WhenTooStale == WhenTooStale.Refuse)
            {
                return await LookOrRefuseAsync(key, name, held, notBefore, options, beganAt, cancellationToken).ConfigureAwait(false);
            }

            if (LoadScope.IsAny && LoadScope.Includes(_core, key))
            {
                throw LoadFailures.ReadsItself(_core.Name);
            }

            var (flight, created) = _core.Flights.JoinOrRegister(
                key, notBefore, use, held, (Road: _departures, name, held, notBefore, loader, entryOptions),
                static (k, s) => s.Road.NewFlight(k, s.name, s.held, s.notBefore, s.loader, s.entryOptions));
            if (flight is null)
            {
                continue;
            }

            _core.Hot?.Note(key, 1);
            if (created)
            {
                _core.Counters.Misses.Add();
                _ = _departures.FlyAsync(new Miss<TKey, TValue>([flight]));
            }
            else
            {
                _core.Counters.Coalesced.Add();
            }

            if (await _arrivals.WaitAsync(flight, held, beganAt, !created, cancellationToken).ConfigureAwait(false) is { } answered)
            {
                return answered;
            }
        }

        throw new InvalidOperationException("A read met only abandoned loads and values that came and went; this is a defect of Millpond.");
    }

    /// <summary>What is held here, judged; a reading if it may be served. Starts a renewal where one is due.</summary>
    public Entry<TValue>? Look(TKey key, long notBefore, long now, Loader<TKey, TValue>? loader, EntryOptions? options, out Reading<TValue>? served)
    {
        served = null;
        if (!_core.Local.TryGet(key, out var entry))
        {
            return null;
        }

        var policy = _core.Policy;
        var judgement = Judged(key, entry, policy, now);
        if (judgement.Verdict == Verdict.Gone)
        {
            _core.Flights.Drop(key, entry, judgement.Reason == StaleReason.Expired ? EvictionCause.Expired : EvictionCause.Invalidated);
            return null;
        }

        var waitsForSource = now < entry.RetryAt && judgement.MayServeOnError(now, policy);
        if (entry.LoadedAt < notBefore || !(judgement.MayServe(now, policy) || waitsForSource))
        {
            return entry;
        }

        if (judgement.Verdict != Verdict.Fresh && !waitsForSource)
        {
            _departures.Renew(key, entry, loader, options, judgement.Verdict == Verdict.Stale ? RefreshCause.Stale : judgement.Renewal);
        }

        _local.Touch(key, now);
        _close.Count(key, entry.Kind == Shared.RecordKind.Negative, judgement.Verdict == Verdict.Stale);
        if (judgement.Verdict == Verdict.Stale)
        {
            _core.Counters.ServedStale(judgement.Reason);
        }

        served = Arrivals<TKey, TValue>.ToReading(entry, ReadOrigin.Local, judgement.Verdict == Verdict.Stale ? judgement.Reason : StaleReason.None, now, coalesced: false);
        return entry;
    }

    private async ValueTask<TValue?> GetByReadingAsync(TKey key, Loader<TKey, TValue>? loader, EntryOptions? entryOptions, CancellationToken cancellationToken) =>
        (await ReadAsync(key, default, loader, entryOptions, cancellationToken).ConfigureAwait(false)).Value;

    /// <summary>For a caller who would rather be refused than load: what the tiers have, if it is recent enough.</summary>
    private async ValueTask<Reading<TValue>> LookOrRefuseAsync(
        TKey key, Shared.SharedKey name, Entry<TValue>? held, long notBefore, ReadOptions options, long beganAt, CancellationToken cancellationToken)
    {
        var flight = _departures.NewLook(key, name, notBefore, beganAt);
        await _departures.FlyAsync(new Miss<TKey, TValue>([flight])).ConfigureAwait(false);
        var reading = await _arrivals.WaitAsync(flight, null, beganAt, coalesced: false, cancellationToken).ConfigureAwait(false);
        var found = reading is not null && flight.Completion.Result.Entry is not null;
        if (!found && held is null && !flight.MetOlder)
        {
            return await ReadAsync(key, new ReadAccepts(beganAt, notBefore), options with { WhenTooStale = WhenTooStale.Revalidate }, null, null, cancellationToken).ConfigureAwait(false);
        }

        _core.Counters.Misses.Add();
        return found ? reading.GetValueOrDefault() : throw LoadFailures.TooStale(_core.Name, options.MaxStaleness);
    }

    /// <summary>The freshness decision on an entry found here. What it proves is told to the local tier, so that the next hit need not ask.</summary>
    private Judgement Judged(TKey key, Entry<TValue> entry, Policy policy, long now)
    {
        var provenBefore = entry.ValidAsOf;
        var judgement = _core.Judge.Decide(entry, entry.View, policy, now);
        if (entry.ValidAsOf > provenBefore || entry.IsWide)
        {
            _local.Affirm(key, entry);
        }

        return judgement;
    }
}
