using Millpond.Partitions;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Feeds.Applying;

/// <summary>A partition as a feed's mark names it: the life it was in, and a sequence that is no lower than that of any change told to it before.</summary>
internal readonly record struct MarkedPartition(PartitionId Id, Incarnation Incarnation, long Sequence);

/// <summary>Keeps a feed's mark in the shared tier, under the feed's name.</summary>
internal sealed class FeedMarkStore(string prefix, string feed, ISharedTier tier, Surroundings surroundings, CancellationToken lifetime)
{
    // Long past any outage; an instance that comes later finds none, which makes it doubt.
    private static readonly TimeSpan KeptFor = TimeSpan.FromDays(30);

    // Of a tier that keeps nothing: this process is all there is.
    private volatile Kept? _kept;

    private readonly SharedKey _key = new(new PartitionId(prefix + ":feeds:v1", 0), feed);

    /// <summary>Whether the tier keeps records at all. One that does not lives in this process alone, with everything that it told.</summary>
    public bool CanKeep => tier.Capabilities.HoldsValues;

    public async ValueTask<FeedMark?> ReadAsync() => (await ReadAgedAsync().ConfigureAwait(false)).Mark;

    /// <summary>The mark, and when everything that it says was so, on this process's clock.</summary>
    public async ValueTask<(FeedMark? Mark, long AsOf)> ReadAgedAsync()
    {
        if (!CanKeep)
        {
            return _kept is { } kept ? (kept.Mark, kept.AsOf) : default;
        }

        var askedAt = surroundings.Now;
        var reply = await tier.ReadAsync(_key, null, lifetime).ConfigureAwait(false);
        using var owner = reply.Record?.Owner;
        return reply.Record is { } record ? (FeedMark.Read(record.Payload.Span), askedAt - reply.Age.Ticks) : default;
    }

    public async ValueTask WriteAsync(FeedMark mark, long? asOf)
    {
        if (!CanKeep)
        {
            _kept = new Kept(mark, asOf ?? surroundings.Now);
            return;
        }

        await tier.PutAsync(
            _key,
            new SharedRecord
            {
                Kind = RecordKind.Value,
                Payload = mark.ToBytes(),
                AgeAtFill = asOf is { } then ? TimeSpan.FromTicks(Math.Max(0, surroundings.Now - then)) : TimeSpan.Zero,
                TimeToLive = KeptFor,
                HardTimeToLive = KeptFor,
                Stamp = 0,
                Incarnation = Incarnation.Unknown,
            },
            lifetime).ConfigureAwait(false);
    }

    public async ValueTask<List<MarkedPartition>> StatesAsync(IEnumerable<PartitionKeeper> keepers)
    {
        List<MarkedPartition> states = [];
        foreach (var keeper in keepers)
        {
            var reply = await tier.ReadControlAsync(keeper.View.Id, keeper.View.Sequence, keeper.View.Incarnation, lifetime).ConfigureAwait(false);
            states.Add(new(keeper.View.Id, reply.State.Incarnation, reply.State.Sequence));
        }

        return states;
    }

    private sealed record Kept(FeedMark Mark, long AsOf);
}
