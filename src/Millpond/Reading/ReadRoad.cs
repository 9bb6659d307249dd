using System.Diagnostics.CodeAnalysis;
using Millpond.Events;
using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Policies;

namespace Millpond.Reading;

/// <summary>
/// The read road. A hit ends in <see cref="TryHit"/>: table, comparisons, value. Whatever is not a plain hit is judged; what cannot be served joins the key's flight,
/// or begins one and sends it down the miss road.
/// </summary>
internal sealed class ReadRoad<TKey, TValue>
    where TKey : notnull
{
    // One hit in this many is timed and its age noted: enough to draw a histogram, too few to be felt.
    private const int HitsPerSample = 1024;

    // A caller stricter than the flight it met goes round again; each round begins or meets a newer flight, so more rounds than this are a defect.
    private const int RoundsMax = 100;

    [ThreadStatic]
    private static int t_sample;

    private readonly KeyspaceCore<TKey, TValue> _core;
    private readonly MissStage<TKey, TValue> _missRoad;

    public ReadRoad(KeyspaceCore<TKey, TValue> core, MissStage<TKey, TValue> missRoad)
    {
        _core = core;
        _missRoad = missRoad;
    }

    /// <summary>The plain hit: synchronous, no allocation, no lock.</summary>
    public bool TryHit(TKey key, out TValue? value)
    {
        if (_core.Local.TryGet(key, out var entry))
        {
            var now = _core.Surroundings.Now;
            if (Judge.IsPlainHit(entry, entry.View, now))
            {
                CountHit(entry, now);
                value = entry.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>A look into the local tier alone: fresh and found, or false. Counts nothing.</summary>
    public bool TryPeek(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        if (_core.Local.TryGet(key, out var entry) && entry.Kind == Shared.RecordKind.Value
            && _core.Judge.Decide(entry, entry.View, _core.Policy, _core.Surroundings.Now).Verdict is Verdict.Fresh or Verdict.FreshButRenew)
        {
            value = entry.Value!;
            return true;
        }

        value = default;
        return false;
    }

    public async ValueTask<TValue?> GetAsync(TKey key, Loader<TKey, TValue>? loader, EntryOptions? entryOptions, CancellationToken cancellationToken)
    {
        var reading = await ReadAsync(key, default, loader, entryOptions, cancellationToken).ConfigureAwait(false);
        return reading.Value;
    }

    public async ValueTask<Reading<TValue>> ReadAsync(TKey key, ReadOptions options, Loader<TKey, TValue>? loader, EntryOptions? entryOptions, CancellationToken cancellationToken)
    {
        _core.ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();
        var beganAt = _core.Surroundings.Now;
        var notBefore = options.MaxStaleness is { } bound ? beganAt - bound.Ticks : long.MinValue;
        for (var round = 0; round < RoundsMax; round++)
        {
            var held = Look(key, notBefore, beganAt, out var served);
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

            var (flight, created) = _core.Flights.JoinOrRegister(
                key, notBefore, (Road: this, name, held, notBefore, loader, entryOptions),
                static (k, s) => s.Road.NewFlight(k, s.name, s.held, s.notBefore, s.loader, s.entryOptions));
            if (created)
            {
                _core.Counters.Misses.Add();
                _ = FlyAsync(new Miss<TKey, TValue>([flight]));
            }
            else
            {
                _core.Counters.Coalesced.Add();
            }

            if (await WaitAsync(flight, held, beganAt, !created, cancellationToken).ConfigureAwait(false) is { } answered)
            {
                return answered;
            }
        }

        throw new InvalidOperationException("A read met only abandoned loads; this is a defect of Millpond.");
    }

    /// <summary>Sends flights down the miss road. Never throws, and leaves no flight without an end.</summary>
    public async Task FlyAsync(Miss<TKey, TValue> miss)
    {
        try
        {
            await _missRoad.RunAsync(miss, _core.Lifetime).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            foreach (var flight in miss.Flights)
            {
                _core.Flights.Land(flight, null);
                flight.Fail(_core.IsDisposed ? _core.Disposed() : failure);
            }
        }
    }

    /// <summary>What is held here, judged; a reading if it may be served. Starts a renewal where one is due.</summary>
    public Entry<TValue>? Look(TKey key, long notBefore, long now, out Reading<TValue>? served)
    {
        served = null;
        if (!_core.Local.TryGet(key, out var entry))
        {
            return null;
        }

        var policy = _core.Policy;
        var judgement = _core.Judge.Decide(entry, entry.View, policy, now);
        if (judgement.Verdict == Verdict.Gone)
        {
            _core.Flights.Drop(key, entry, judgement.Reason == StaleReason.Expired ? EvictionCause.Expired : EvictionCause.Invalidated);
            return null;
        }

        if (entry.LoadedAt < notBefore || !judgement.MayServe(now, policy))
        {
            return entry;
        }

        if (judgement.Verdict != Verdict.Fresh)
        {
            Renew(key, entry, judgement.Verdict == Verdict.Stale ? RefreshCause.Stale : judgement.Renewal);
        }

        if (entry.SlidingTicks > 0 && !_core.Tier.Capabilities.HoldsValues)
        {
            entry.IdleUntil = now + entry.SlidingTicks;
        }

        CountHit(entry, now);
        if (judgement.Verdict == Verdict.Stale)
        {
            _core.Counters.ServedStale(judgement.Reason);
        }

        served = ToReading(entry, ReadOrigin.Local, judgement.Verdict == Verdict.Stale ? judgement.Reason : StaleReason.None, now, coalesced: false);
        return entry;
    }

    public Flight<TKey, TValue> NewFlight(TKey key, Shared.SharedKey name, Entry<TValue>? held, long notBefore, Loader<TKey, TValue>? loader, EntryOptions? options, bool renews = false) =>
        new(key, name, _core.KeeperOf(name).View, _core.Surroundings.Now, _core.Surroundings.NewCompletion<Answer<TValue>>())
        {
            NotBefore = notBefore,
            Fallback = held,
            Loader = loader,
            Options = options,
            IsRenewal = renews,
            CanLoad = (loader ?? _core.Parts.Loader) is not null || _core.Parts.BatchLoader is not null,
        };

    /// <summary>Waits for a flight as this caller wants to: with its own cancellation, and with the soft time-out if it holds something to fall back on. Null: begin again.</summary>
    public async ValueTask<Reading<TValue>?> WaitAsync(Flight<TKey, TValue> flight, Entry<TValue>? held, long beganAt, bool coalesced, CancellationToken cancellationToken)
    {
        Answer<TValue> answer;
        try
        {
            if (held is not null && _core.Policy.Options.SoftTimeout > TimeSpan.Zero && held.LoadedAt >= flight.NotBefore
                && await IsSlowAsync(flight, cancellationToken).ConfigureAwait(false)
                && _core.Judge.Decide(held, held.View, _core.Policy, _core.Surroundings.Now) is var judgement
                && judgement.MayServeOnError(_core.Surroundings.Now, _core.Policy))
            {
                answer = new Answer<TValue>(held, ReadOrigin.Local, judgement.Reason);
            }
            else
            {
                answer = await _core.Surroundings.WaitAsync(flight.Completion, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (AbandonedException)
        {
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            StopWaiting(flight);
            throw;
        }

        var now = _core.Surroundings.Now;
        if (answer.Stale != StaleReason.None)
        {
            _core.Counters.ServedStale(answer.Stale);
        }

        if (coalesced)
        {
            _core.Counters.CoalescedWait.Add(now - beganAt);
        }

        _core.Listener.On(new MissAnswered(_core.Name, answer.Origin, answer.Stale, now - beganAt, answer.Entry is { } entry ? now - entry.LoadedAt : 0));
        return ToReading(answer.Entry, answer.Origin, answer.Stale, now, coalesced);
    }

    private static Reading<TValue> ToReading(Entry<TValue>? entry, ReadOrigin origin, StaleReason stale, long now, bool coalesced) => new()
    {
        Found = entry is { Kind: Shared.RecordKind.Value },
        Value = entry is null ? default : entry.Value,
        Origin = origin,
        Age = entry is null ? TimeSpan.Zero : TimeSpan.FromTicks(now - entry.LoadedAt),
        Stale = stale,
        Coalesced = coalesced,
    };

    /// <summary>Renews an entry aside, unless a flight for its key is under way already.</summary>
    private void Renew(TKey key, Entry<TValue> entry, RefreshCause cause)
    {
        if ((_core.Parts.Loader is null && _core.Parts.BatchLoader is null) || _core.IsDisposed)
        {
            return;
        }

        // Joined once and never left: the renewal itself is what waits for it, so it is never abandoned.
        var (flight, created) = _core.Flights.JoinOrRegister(
            key, long.MinValue, (Road: this, entry), static (k, s) => s.Road.NewFlight(k, s.Road._core.NameOf(k), s.entry, long.MinValue, null, null, renews: true));
        if (created)
        {
            _core.Counters.Renewed(cause);
            _core.Surroundings.RunAside(() => FlyAsync(new Miss<TKey, TValue>([flight])));
        }
    }

    private async ValueTask<bool> IsSlowAsync(Flight<TKey, TValue> flight, CancellationToken cancellationToken)
    {
        if (flight.HasAnswered)
        {
            return false;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = _core.Surroundings.Delay(_core.Policy.Options.SoftTimeout, stop.Token);
        var first = await Task.WhenAny(_core.Surroundings.Fork(flight.Completion), delay).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        return ReferenceEquals(first, delay) && !flight.HasAnswered;
    }

    private void StopWaiting(Flight<TKey, TValue> flight)
    {
        if (_core.Policy.Options.AbandonedLoad == AbandonedLoad.IsCancelled && _core.Flights.Leave(flight))
        {
            flight.LoadCancellation?.Cancel();
        }
    }

    /// <summary>For a caller who would rather be refused than load: what the tiers have, if it is recent enough.</summary>
    private async ValueTask<Reading<TValue>> LookOrRefuseAsync(
        TKey key, Shared.SharedKey name, Entry<TValue>? held, long notBefore, ReadOptions options, long beganAt, CancellationToken cancellationToken)
    {
        var flight = new Flight<TKey, TValue>(key, name, _core.KeeperOf(name).View, beganAt, _core.Surroundings.NewCompletion<Answer<TValue>>())
        {
            NotBefore = notBefore,
            CanLoad = false,
        };
        await FlyAsync(new Miss<TKey, TValue>([flight])).ConfigureAwait(false);
        var reading = await WaitAsync(flight, null, beganAt, coalesced: false, cancellationToken).ConfigureAwait(false);
        if (reading is { Found: true } found)
        {
            return found;
        }

        if (held is null && flight.Fallback is null)
        {
            return await ReadAsync(key, options with { WhenTooStale = WhenTooStale.Revalidate }, null, null, cancellationToken).ConfigureAwait(false);
        }

        throw new MillpondException(
            ErrorCode.TooStale,
            $"Keyspace '{_core.Name}' has only a value older than the {options.MaxStaleness?.TotalSeconds:0.###} s this read accepts, and the read asked to be refused then. "
            + "Accept an older value, or let the read revalidate.")
        {
            Keyspace = _core.Name,
        };
    }

    private void CountHit(Entry<TValue> entry, long beganAt)
    {
        (entry.Kind == Shared.RecordKind.Value ? _core.Counters.LocalHits : _core.Counters.NegativeHits).Add();
        if ((++t_sample & (HitsPerSample - 1)) == 0)
        {
            var now = _core.Surroundings.Now;
            _core.Listener.On(new HitSampled(_core.Name, now - beganAt, now - entry.LoadedAt));
        }
    }
}
