namespace Millpond.Loading;

/// <summary>Who asks for a place at a source.</summary>
/// <param name="Keyspace">The keyspace whose load it is.</param>
/// <param name="Tenant">The tenant it is for; null where there are none.</param>
/// <param name="Priority">Who waits for it.</param>
/// <param name="Keys">How many keys it is for.</param>
internal readonly record struct PlaceAsk(string Keyspace, string? Tenant = null, LoadPriority Priority = LoadPriority.Interactive, int Keys = 1);

/// <summary>
/// A place at a source, or why there is none. A refusal is not thrown here, because a source that is overrun refuses thousands a second.
/// </summary>
/// <param name="Share">Whose it is.</param>
/// <param name="Keys">How many keys the load is for.</param>
/// <param name="EnteredAt">Since when, in ticks.</param>
/// <param name="Pass">What the breaker said.</param>
/// <param name="Refusal">Why there is none; null if it was given, and then it must be given back once.</param>
internal sealed record Place(TenantShare? Share, int Keys, long EnteredAt, Overload.BreakerPass Pass, SourceRefusal? Refusal = null)
{
    public static Place Refused(SourceRefusal refusal) => new(null, 0, 0, default, refusal);
}

/// <summary>A load that waits for a place.</summary>
internal sealed class WaitingLoad(PlaceAsk ask, TenantShare share, long arrivedAt, long deadline, TaskCompletionSource<Place> completion)
{
    public PlaceAsk Ask => ask;

    public TenantShare Share => share;

    public long ArrivedAt => arrivedAt;

    /// <summary>From when on it is not begun any more, in ticks.</summary>
    public long Deadline => deadline;

    public Task<Place> Task => completion.Task;

    /// <summary>Its place in its line; null once it has left. Guarded by the guard's gate.</summary>
    public LinkedListNode<WaitingLoad>? InLine { get; set; }

    /// <summary>Its place among those of its priority by age; null for warm-up. Guarded by the guard's gate.</summary>
    public LinkedListNode<WaitingLoad>? ByAge { get; set; }

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
