using Millpond.Events;
using Millpond.Overload;
using Millpond.Runtime;

namespace Millpond.Shared.Guarding;

/// <summary>The bounds of the time that a reader waits for the shared tier.</summary>
internal sealed record TierTimes(TimeSpan Min, TimeSpan Max);

/// <summary>A call to the shared tier under way.</summary>
internal readonly record struct TierCall(CallBucket Bucket, BreakerPass Pass, long BeganAt);

/// <summary>
/// How the node of one partition has answered lately: how long to wait for it, and whether to ask it at all. While all is well a call takes no lock here.
/// </summary>
internal sealed class PartitionGuard(PartitionId id, Func<TierTimes> times, Surroundings surroundings, CacheListener listener)
{
    // Calls past the slowest hundredth of late are not slow but lost; four times that is patience for a node that has become a little slower.
    private const double PatienceTimes = 4;
    private const double Quantile = 0.99;
    private const int CallsMin = 64;
    private const int CallsMinToAge = 4_096;

    // A part of the time-out, by which calls may share one.
    private const int BucketPart = 8;
    private static readonly long BucketTicksMin = TimeSpan.FromMilliseconds(1).Ticks;
    private static readonly long CalmTicks = TimeSpan.FromSeconds(10).Ticks;

    // Five in a row are no accident of one connection. It is asked again within about a second, as is every partition by its heartbeat, so nothing is gained by waiting longer.
    private static readonly BreakerSettings Breaking = new(0.5, 5, TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(1), Probes: 1);

    private readonly Lock _gate = new();
    private readonly Breaker _breaker = new(Breaking, surroundings);
    private readonly RecentLatency _latency = new();
    private CallBucket? _bucket;
    private long _awayUntil;
    private long _troubledUntil;
    private long _timeoutTicks = times().Max.Ticks;
    private int _calls;
    private int _round;
    private long _skipped;

    public PartitionId Id => id;

    /// <summary>How long a reader waits for an answer now.</summary>
    public TimeSpan Timeout => TimeSpan.FromTicks(Volatile.Read(ref _timeoutTicks));

    public BreakerState State
    {
        get
        {
            lock (_gate)
            {
                return _breaker.State;
            }
        }
    }

    /// <summary>How many reads went past it without asking.</summary>
    public long Skipped => Volatile.Read(ref _skipped);

    /// <summary>Whether it is not to be asked now. One comparison while all is well; true is counted as a read that went past it.</summary>
    public bool IsAway()
    {
        var until = Volatile.Read(ref _awayUntil);
        if (until == 0 || surroundings.Now >= until)
        {
            return false;
        }

        Interlocked.Increment(ref _skipped);
        return true;
    }

    /// <summary>Begins a call of limited time; its end must be told.</summary>
    /// <exception cref="SharedTierException">It is not to be asked now.</exception>
    public TierCall Begin(CancellationToken caller)
    {
        var now = surroundings.Now;
        var pass = Pass(now);
        return new(Hold(now, caller), pass, now);
    }

    /// <summary>Says whether it may be asked now, for calls that keep the engine's own time.</summary>
    /// <exception cref="SharedTierException">It is not to be asked now.</exception>
    public BreakerPass Pass(long now)
    {
        if (Volatile.Read(ref _troubledUntil) == 0)
        {
            return new(Volatile.Read(ref _round));
        }

        BreakerState before, after;
        bool mayPass;
        BreakerPass pass;
        lock (_gate)
        {
            before = _breaker.State;
            mayPass = _breaker.TryPass(now, out pass);
            after = _breaker.State;
            if (mayPass && after == BreakerState.HalfOpen)
            {
                // The others do not even try while it is being found out.
                Volatile.Write(ref _awayUntil, now + times().Max.Ticks);
            }
        }

        Report(before, after);
        return mayPass ? pass : throw new SharedTierException(
            $"Partition {id} has failed or was late five times in a row or more, and is left alone for up to {Breaking.PauseMax.TotalSeconds:0.#} s at a time. Reads go to the source under its guard meanwhile.");
    }

    public void Succeeded(in TierCall call)
    {
        var now = surroundings.Now;
        _latency.Add(now - call.BeganAt);
        End(call.Pass, CallEnd.Succeeded, now);
        if ((Interlocked.Increment(ref _calls) & (CallsMin - 1)) == 0)
        {
            Reckon();
        }

        call.Bucket.Dispose();
    }

    /// <summary>Ends a call that failed, and says what to throw: the failure itself, or that the time was over.</summary>
    public Exception Failed(in TierCall call, Exception failure)
    {
        var isLate = failure is OperationCanceledException && call.Bucket.IsLate && !call.Bucket.Caller.IsCancellationRequested;
        if (isLate)
        {
            // So that a node which has become slower for good is waited for, as far as the longest time allows.
            _latency.Add(2 * Volatile.Read(ref _timeoutTicks));
            Reckon();
        }

        End(call.Pass, isLate || failure is SharedTierException ? CallEnd.Failed : CallEnd.Unknown, surroundings.Now);
        call.Bucket.Dispose();
        return !isLate ? failure : new SharedTierException(
            $"Partition {id} did not answer within {Timeout.TotalMilliseconds:0.#} ms, which is {PatienceTimes:0} times what it takes as a rule, within SharedTierTimeoutMin and SharedTierTimeoutMax. "
            + "What was asked may still have been done.", failure);
    }

    public void End(BreakerPass pass, CallEnd end, long now)
    {
        if (end != CallEnd.Failed && Volatile.Read(ref _troubledUntil) == 0)
        {
            return;
        }

        BreakerState before, after;
        lock (_gate)
        {
            before = _breaker.State;
            _breaker.Ended(pass, end, now);
            after = _breaker.State;
            Volatile.Write(ref _round, _breaker.Round);
            _troubledUntil = end == CallEnd.Failed || after != BreakerState.Closed ? now + CalmTicks : now >= _troubledUntil ? 0 : _troubledUntil;
            Volatile.Write(ref _awayUntil, after switch
            {
                BreakerState.Closed => 0,
                BreakerState.Open => _breaker.OpenUntil,
                _ => _awayUntil,
            });
        }

        Report(before, after);
    }

    private void Report(BreakerState before, BreakerState after)
    {
        if (before != after)
        {
            listener.On(new SharedTierBreakerChanged(id, after));
        }
    }

    private void Reckon()
    {
        lock (_gate)
        {
            var (min, max) = (times().Min.Ticks, times().Max.Ticks);
            var usual = _latency.Quantile(Quantile, CallsMin);
            Volatile.Write(ref _timeoutTicks, usual == 0 ? max : Math.Clamp((long)(usual * PatienceTimes), min, max));
            if (_calls >= CallsMinToAge)
            {
                _calls = 0;
                _latency.Age();
            }
        }
    }

    private CallBucket Hold(long now, CancellationToken caller)
    {
        if (Volatile.Read(ref _bucket) is { } bucket && now < bucket.Until && bucket.Caller == caller && bucket.TryHold())
        {
            return bucket;
        }

        var time = Volatile.Read(ref _timeoutTicks);
        var stretch = Math.Max(time / BucketPart, BucketTicksMin);
        var made = new CallBucket(now + stretch, TimeSpan.FromTicks(time + stretch), surroundings, caller);
        made.TryHold();
        Interlocked.Exchange(ref _bucket, made)?.Dispose();
        return made;
    }
}
