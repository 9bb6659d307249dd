using Millpond.Overload;
using Millpond.Policies;
using Millpond.Runtime;

namespace Millpond.Loading;

/// <summary>
/// Who is at a source and who waits: every decision of the guard, without its lock, its tasks and its timer. Loads that have left the line are added to a list, for the guard to tell
/// them when it has let go of its lock.
/// </summary>
internal sealed class SourcePlaces(string name, Surroundings surroundings, ProtocolRules rules, bool isLent)
{
    // Past this part of the longest wait the line is one of those who have gone; then the newest go first.
    private const int OverloadPart = 2;

    // A load cannot be taken back once it has begun, so going last in the line is not enough: what nobody waits for may have this part of the places, so that a caller always finds the others.
    private const int AheadPart = 2;

    private readonly Dictionary<string, SourceShare> _shares = new(StringComparer.Ordinal);
    private readonly WaitingLoads _waiting = new();
    private readonly AdaptiveLimit _limit = new(surroundings);
    private readonly Breaker _breaker = new(new SourceLimits().Breaking, surroundings);
    private readonly RetryBudget _retries = new();
    private SourceLimits _limits = new();
    private readonly long[] _refused = new long[Enum.GetValues<ShedReason>().Length];
    private int _inside;
    private int _ahead;

    /// <summary>How many were refused, by <see cref="ShedReason"/>.</summary>
    public IReadOnlyList<long> Refused => [.. _refused];

    /// <summary>Whether somebody waits for the source, or it is left alone: then nothing is begun ahead of demand.</summary>
    public bool IsPressed(long now) => _waiting.HasDemand || (_breaker.State == BreakerState.Open && now < _breaker.OpenUntil);

    public int Inside => Volatile.Read(ref _inside);

    public int Waiting => _waiting.Count;

    public int Limit => _limit.Now;

    public BreakerState Breaker => _breaker.State;

    /// <summary>When the first of those who wait may wait no longer, in ticks; null if nobody waits for so long.</summary>
    public long? NextDeadline => _waiting.FirstDue?.Deadline;

    public void Configure(SourceLimits limits)
    {
        _limits = limits;
        _limit.Configure(limits.ConcurrentLoadsLeast, limits.ConcurrentLoadsMax);
        _breaker.Configure(limits.Breaking);
    }

    /// <summary>A place or a refusal, if either can be told at once.</summary>
    public Place? TryEnter(in PlaceAsk ask, long now)
    {
        var share = ShareOf(ask.Keyspace).Of(ask.Tenant);
        var place = IsRoomFor(share, ask.PriorityNeedsGate) ? Enter(share, ask, now) : null;
        share.Keyspace.Tidy(share);
        return place;
    }

    /// <summary>A place, a refusal, or else a load that waits.</summary>
    public Place? Enter(in PlaceAsk ask, long now, ref List<WaitingLoad>? told, out WaitingLoad? waits)
    {
        waits = null;
        var share = ShareOf(ask.Keyspace).Of(ask.Tenant);
        var place = IsRoomFor(share, ask.PriorityNeedsGate) ? Enter(share, ask, now) : Wait(share, ask, now, ref told, out waits);
        share.Keyspace.Tidy(share);
        return place;
    }

    public void Leave(Place place, CallEnd end, long now)
    {
        var share = place.Share!;
        _inside = rules.InsideAfter(_inside);
        _ahead -= place.IsAhead ? 1 : 0;
        share.Inside--;
        share.Keyspace.Inside--;
        if (!isLent)
        {
            _limit.Left(share.Keyspace.BaselineOf(place.Keys), place.EnteredAt, now, _inside, end);
            EndPass(place.Pass, end, now);
        }

        share.Keyspace.Tidy(share);
    }

    /// <summary>What a load that is over says of the source, whether or not it has come back.</summary>
    public void EndPass(BreakerPass pass, CallEnd end, long now)
    {
        if (isLent)
        {
            return;
        }

        var before = _breaker.State;
        _breaker.Ended(pass, end, now);
        if (end == CallEnd.Succeeded)
        {
            _retries.Earn(_limits.RetryShare);
        }

        if (before == BreakerState.HalfOpen && _breaker.State == BreakerState.Closed)
        {
            _limit.StartLow(now, _inside);
        }
    }

    public bool TryRetry() => _breaker.State == BreakerState.Closed && _retries.TrySpend();

    /// <summary>Gives out what places there are, and refuses whoever waits in vain.</summary>
    public void HandOut(long now, ref List<WaitingLoad>? told)
    {
        while (_waiting.FirstDue is { } oldest && !rules.MayBegin(now, oldest.Deadline, isCancelled: false))
        {
            Refuse(oldest, Busy(ShedReason.WaitedTooLong, oldest.Ask), ref told);
        }

        while (_waiting.Count > 0 && (_breaker.State != BreakerState.Closed || rules.MayEnter(_inside, _limit.Now)))
        {
            var isBroken = _breaker.State != BreakerState.Closed;
            var lowest = isBroken || MayAhead ? LoadPriority.WarmUp : LoadPriority.Refresh;
            if (_waiting.TakeNext(isBroken ? ShareCaps.None : CapsOf(_limit.Now), IsOverload(now), lowest) is not { } next)
            {
                return;
            }

            next.Outcome = isBroken ? Place.Refused(Broken(next.Ask, now)) : Enter(next.Share, next.Ask, now);
            next.Share.Keyspace.Tidy(next.Share);
            (told ??= []).Add(next);
        }
    }

    /// <summary>A caller has come to want what a load ahead of demand brings: it waits on as his.</summary>
    public void Raise(LoadUrgency urgency, long now)
    {
        urgency.IsRaised = true;
        if (urgency.Load is { Ask.Priority: LoadPriority.WarmUp } load && _waiting.Remove(load))
        {
            load.RaiseNeedsGate(now, now + _limits.WaitMax.Ticks);
            _waiting.Add(load);
        }
    }

    /// <summary>Takes a load out of the line whose caller has given up; false if it has left it already.</summary>
    public bool Withdraw(WaitingLoad load, long now)
    {
        if (rules.MayBegin(now, load.Deadline, isCancelled: true) || !_waiting.Remove(load))
        {
            return false;
        }

        load.Share.Keyspace.Tidy(load.Share);
        return true;
    }

    private SourceShare ShareOf(string keyspace)
    {
        if (!_shares.TryGetValue(keyspace, out var share))
        {
            _shares[keyspace] = share = new SourceShare(keyspace);
        }

        return share;
    }

    /// <summary>A keyspace alone at its source may have all of it.</summary>
    private ShareCaps CapsOf(int whole) => ShareCaps.Of(whole, _shares.Count > 1 ? _limits.KeyspaceShareMax : 1, _limits.TenantShareMax);

    private bool MayAhead => _ahead < Math.Max(1, _limit.Now / AheadPart);

    private bool IsRoomFor(TenantShare share, LoadPriority priority) =>
        rules.MayEnter(_inside, _limit.Now) && (priority != LoadPriority.WarmUp || MayAhead) && CapsOf(_limit.Now) is var caps && caps.LetIn(share.Keyspace) && caps.LetIn(share);

    private bool IsOverload(long now) => _waiting.OldestCaller is { } oldest && now - oldest.ArrivedAt > _limits.WaitMax.Ticks / OverloadPart;

    private Place Enter(TenantShare share, in PlaceAsk ask, long now)
    {
        var pass = default(BreakerPass);
        if (!isLent && !_breaker.TryPass(now, out pass))
        {
            return Place.Refused(Broken(ask, now));
        }

        var isAhead = ask.PriorityNeedsGate == LoadPriority.WarmUp;
        _inside++;
        _ahead += isAhead ? 1 : 0;
        share.Inside++;
        share.Keyspace.Inside++;
        _limit.Entered(_inside, now);
        return new(share, ask.Keys, now, pass, IsAhead: isAhead);
    }

    private Place? Wait(TenantShare share, in PlaceAsk ask, long now, ref List<WaitingLoad>? told, out WaitingLoad? waits)
    {
        waits = null;
        if (_breaker.State != BreakerState.Closed)
        {
            return Place.Refused(Broken(ask, now));
        }

        var caps = CapsOf(_limits.WaitingLoadsMax);
        ShedReason? full = share.Tenant is not null && share.Waiting >= caps.TenantMax ? ShedReason.TenantFull
            : share.Keyspace.Waiting >= caps.KeyspaceMax && caps.KeyspaceMax < caps.Whole ? ShedReason.KeyspaceFull
            : _waiting.Count >= caps.Whole ? ShedReason.QueueFull : null;
        if (full is { } why)
        {
            if (_waiting.VictimFor(ask with { Priority = ask.PriorityNeedsGate }, share, why, IsOverload(now)) is not { } victim)
            {
                return Place.Refused(Busy(why, ask));
            }

            Refuse(victim, Busy(ShedReason.Displaced, victim.Ask), ref told);
        }

        // A renewal has no callers yet, but whoever comes to want its value joins it, and waits for what it waits for. Who joins a warm-up raises it.
        var priority = ask.PriorityNeedsGate;
        var deadline = priority == LoadPriority.WarmUp ? long.MaxValue : now + _limits.WaitMax.Ticks;
        waits = new WaitingLoad(ask with { Priority = priority }, share, now, deadline, surroundings.NewCompletion<Place>());
        foreach (var urgency in ask.Urgencies ?? [])
        {
            urgency.Load = waits;
        }

        _waiting.Add(waits);
        return null;
    }

    private void Refuse(WaitingLoad load, SourceRefusal why, ref List<WaitingLoad>? told)
    {
        _waiting.Remove(load);
        load.Share.Keyspace.Tidy(load.Share);
        load.Outcome = Place.Refused(why);
        (told ??= []).Add(load);
    }

    private SourceRefusal Busy(ShedReason reason, in PlaceAsk ask) => Counted(SourceRefusal.Busy(name, reason, ask, _limits, _inside, _limit.Now, _waiting.Count));

    private SourceRefusal Broken(in PlaceAsk ask, long now) => Counted(SourceRefusal.Broken(name, ask, _limits, TimeSpan.FromTicks(_breaker.OpenUntil - now)));

    private SourceRefusal Counted(SourceRefusal refusal)
    {
        _refused[(int)refusal.Reason]++;
        return refusal;
    }
}
