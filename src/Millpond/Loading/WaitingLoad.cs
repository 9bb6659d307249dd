namespace Millpond.Loading;

/// <summary>Who asks for a place at a source.</summary>
/// <param name="Keyspace">The keyspace whose load it is.</param>
/// <param name="Tenant">The tenant it is for; null where there are none.</param>
/// <param name="Priority">Who waits for it.</param>
/// <param name="Keys">How many keys it is for.</param>
internal readonly record struct PlaceAsk(string Keyspace, string? Tenant = null, LoadPriority Priority = LoadPriority.Interactive, int Keys = 1)
{
    /// <summary>For a load ahead of demand: by what a caller who comes to want one of its keys makes it his; null for others.</summary>
    public IReadOnlyList<LoadUrgency>? Urgencies { get; init; }

    /// <summary>Who waits for it by now. Needs the guard's gate.</summary>
    public LoadPriority PriorityNeedsGate => Urgencies is not null && Urgencies.Any(one => one.IsRaised) ? LoadPriority.Interactive : Priority;
}

/// <summary>
/// A place at a source, or why there is none. A refusal is not thrown here, because a source that is overrun refuses thousands a second.
/// </summary>
/// <param name="Share">Whose it is.</param>
/// <param name="Keys">How many keys the load is for.</param>
/// <param name="EnteredAt">Since when, in ticks.</param>
/// <param name="Pass">What the breaker said.</param>
/// <param name="Refusal">Why there is none; null if it was given, and then it must be given back once.</param>
/// <param name="IsAhead">Whether it was given to a load ahead of demand, and so is one of the few that those may have.</param>
internal sealed record Place(TenantShare? Share, int Keys, long EnteredAt, Overload.BreakerPass Pass, SourceRefusal? Refusal = null, bool IsAhead = false)
{
    public static Place Refused(SourceRefusal refusal) => new(null, 0, 0, default, refusal);
}

/// <summary>A load that waits for a place.</summary>
internal sealed class WaitingLoad(PlaceAsk ask, TenantShare share, long arrivedAt, long deadline, TaskCompletionSource<Place> completion)
{
    public PlaceAsk Ask { get; private set; } = ask;

    public TenantShare Share => share;

    public long ArrivedAt { get; private set; } = arrivedAt;

    /// <summary>From when on it is not begun any more, in ticks.</summary>
    public long Deadline { get; private set; } = deadline;

    public Task<Place> Task => completion.Task;

    /// <summary>Its place in its line; null once it has left. Guarded by the guard's gate.</summary>
    public LinkedListNode<WaitingLoad>? InLine { get; set; }

    /// <summary>Its place among those of its priority by age; null for warm-up. Guarded by the guard's gate.</summary>
    public LinkedListNode<WaitingLoad>? ByAge { get; set; }

    /// <summary>A caller wants what it brings: from now on it waits as his load would. Called while it is in no line.</summary>
    public void RaiseNeedsGate(long now, long deadline)
    {
        Ask = Ask with { Priority = LoadPriority.Interactive };
        (ArrivedAt, Deadline) = (now, deadline);
    }

    /// <summary>Decided under the guard's gate, told outside of it.</summary>
    public Place? Outcome { get; set; }

    /// <summary>Whether its caller has gone; then nobody is told.</summary>
    public CancellationToken Withdrawn { get; set; }

    public void Tell()
    {
        if (Withdrawn.IsCancellationRequested)
        {
            completion.TrySetCanceled(Withdrawn);
        }
        else
        {
            completion.TrySetResult(Outcome!);
        }
    }
}
