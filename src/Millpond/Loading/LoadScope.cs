namespace Millpond.Loading;

/// <summary>
/// A load as seen from within it: whatever its loader calls, however deep, finds here which loads it runs in. So a loader that reads the key it loads is told
/// at once instead of waiting for itself until its time is over; and a load within a load is not kept waiting for the place that the outer one holds.
/// </summary>
/// <remarks>
/// Two loads that were begun apart and then read each other's keys are not seen: neither runs within the other. Their time-outs end them.
/// </remarks>
internal abstract class LoadScope(SourceGuard source)
{
    private static readonly AsyncLocal<LoadScope?> Innermost = new();

    private readonly LoadScope? _outer = Innermost.Value;
    private readonly Lock _gate = new();
    private SourceGuard? _lent;

    /// <summary>Whether its loader has not come back yet.</summary>
    public abstract bool IsUnderWay { get; }

    /// <summary>Makes this the innermost load until the calling asynchronous method returns.</summary>
    public void Enter() => Innermost.Value = this;

    /// <summary>Whether the caller runs within a load of this key. For a caller outside of any load: one look.</summary>
    public static bool Includes(object keyspace, object key)
    {
        for (var load = Innermost.Value; load is not null; load = load._outer)
        {
            if (load.Loads(keyspace, key))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the caller runs within any load.</summary>
    public static bool IsAny => Innermost.Value is not null;

    /// <summary>
    /// The place that the innermost load around the caller holds at a source, lent to one load within it at a time: while it waits for that one it does not
    /// read the source itself. Null if no such load is under way.
    /// </summary>
    public static SourceGuard? LentBy(SourceGuard source)
    {
        for (var load = Innermost.Value; load is not null; load = load._outer)
        {
            if (ReferenceEquals(load.Source, source) && load.IsUnderWay)
            {
                return load.Lent();
            }
        }

        return null;
    }

    private SourceGuard Source { get; } = source;

    protected abstract bool Loads(object keyspace, object key);

    private SourceGuard Lent()
    {
        lock (_gate)
        {
            return _lent ??= Source.OnePlace();
        }
    }
}
