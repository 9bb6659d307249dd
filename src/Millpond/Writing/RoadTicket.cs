using Millpond.Reading;
using Millpond.Shared;

namespace Millpond.Writing;

/// <summary>A ticket of one key, with the road that will end it.</summary>
internal sealed class RoadTicket<TKey, TValue>(WriteRoad<TKey, TValue> road, TKey key, SharedKey name, WriteMark<TKey> mark, LeaseState lease, int epoch) : WriteTicket<TValue>
    where TKey : notnull
{
    public TKey Key { get; } = key;

    public SharedKey Name { get; } = name;

    public WriteMark<TKey> Mark { get; } = mark;

    public LeaseState Lease { get; } = lease;

    public int Epoch { get; } = epoch;

    public KeptLease? Kept { get; init; }

    private protected override ValueTask<bool> StoreAsync(TValue value, EntryOptions? options, CancellationToken cancellationToken)
    {
        var store = road.StoreAsync(this, value, options);
        return store.IsCompleted || !cancellationToken.CanBeCanceled ? store : new ValueTask<bool>(road.Surroundings.WaitAsync(store.AsTask(), cancellationToken));
    }

    private protected override ValueTask GiveUpAsync() => new(road.GiveUpAsync(this));

    private protected override ValueTask LetGoAsync() => new(road.LetGoAsync(this));
}
