namespace Millpond.Loading;

/// <summary>Why a load was not let to its source.</summary>
internal enum ShedReason
{
    /// <summary>As many wait as may.</summary>
    QueueFull,

    /// <summary>As many of its keyspace wait as may.</summary>
    KeyspaceFull,

    /// <summary>As many of its tenant wait as may.</summary>
    TenantFull,

    /// <summary>It waited as long as a load may.</summary>
    WaitedTooLong,

    /// <summary>Something else took its place in the line: of a higher priority, or newer under overload.</summary>
    Displaced,

    /// <summary>The source fails, and is left alone for a while.</summary>
    BreakerOpen,
}

/// <summary>That a load was not let to its source.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Priority">Who waited for it.</param>
/// <param name="Failure">What its callers are told.</param>
internal sealed record SourceRefusal(ShedReason Reason, LoadPriority Priority, MillpondException Failure)
{
    public static SourceRefusal Busy(string source, ShedReason reason, PlaceAsk ask, SourceLimits limits, int inside, int limit, int waiting)
    {
        var standing = $"Source '{source}' has {inside} loads under way of the {limit} that it bears now (ConcurrentLoadsMax {limits.ConcurrentLoadsMax}) and {waiting} waiting";
        var why = reason switch
        {
            ShedReason.QueueFull => $", which is its limit (WaitingLoadsMax {limits.WaitingLoadsMax}). ",
            ShedReason.KeyspaceFull => $"; keyspace '{ask.Keyspace}' has as many waiting as one may (KeyspaceShareMax {limits.KeyspaceShareMax:0.##} of WaitingLoadsMax {limits.WaitingLoadsMax}). ",
            ShedReason.TenantFull => $"; this tenant has as many waiting as one may (TenantShareMax {limits.TenantShareMax:0.##} of its keyspace's share of WaitingLoadsMax {limits.WaitingLoadsMax}). ",
            ShedReason.WaitedTooLong => $"; this load waited as long as one may (WaitMax {limits.WaitMax.TotalSeconds:0.###} s). ",
            _ => $"; this load gave way to another in the full line (WaitingLoadsMax {limits.WaitingLoadsMax}). ",
        };
        return Of(ErrorCode.SourceBusy, reason, ask, standing + why
            + "Let values be served stale meanwhile (StaleIfError), declare a Fallback, make the source faster, or raise ConcurrentLoadsMax if it bears more.");
    }

    public static SourceRefusal Broken(string source, PlaceAsk ask, SourceLimits limits, TimeSpan left) =>
        Of(ErrorCode.SourceBroken, ShedReason.BreakerOpen, ask,
            $"Source '{source}' failed more than {limits.BreakerFailures:0.##} of its loads (BreakerFailures) and is left alone for another {Math.Max(left.TotalSeconds, 0):0.#} s, then tried with {SourceBreaking.Probes} loads. "
            + "Let values be served stale meanwhile (StaleIfError), declare a Fallback, and see the failures before this one for what is wrong with the source.");

    private static SourceRefusal Of(ErrorCode code, ShedReason reason, in PlaceAsk ask, string message) =>
        new(reason, ask.Priority, new MillpondException(code, message) { Keyspace = ask.Keyspace });
}
