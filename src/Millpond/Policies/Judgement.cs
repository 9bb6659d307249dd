namespace Millpond.Policies;

/// <summary>What may be done with an entry now.</summary>
internal enum Verdict
{
    /// <summary>Serve it.</summary>
    Fresh,

    /// <summary>Serve it and renew it aside.</summary>
    FreshButRenew,

    /// <summary>Not fresh; whether it may be served is a matter of how long it has not been.</summary>
    Stale,

    /// <summary>As if it were not there.</summary>
    Gone,
}

/// <summary>A verdict with its reasons.</summary>
internal readonly record struct Judgement(Verdict Verdict, StaleReason Reason = StaleReason.None, long StaleSince = 0, RefreshCause Renewal = RefreshCause.None)
{
    /// <summary>Whether a reader may have it without waiting.</summary>
    public bool MayServe(long now, Policy policy) =>
        Verdict is Verdict.Fresh or Verdict.FreshButRenew || (Verdict == Verdict.Stale && now - StaleSince < policy.StaleTicks);

    /// <summary>Whether a reader may have it because its load failed or is slow.</summary>
    public bool MayServeOnError(long now, Policy policy) =>
        Verdict is Verdict.Fresh or Verdict.FreshButRenew || (Verdict == Verdict.Stale && now - StaleSince < policy.StaleOnErrorTicks);
}
