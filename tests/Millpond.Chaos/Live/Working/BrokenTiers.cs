using Millpond.Shared;

namespace Millpond.Chaos.Live.Working;

/// <summary>Bugs that the oracles must find: without them a campaign that finds nothing would say nothing.</summary>
internal static class BrokenTiers
{
    public const string DropsChanges = "drops-changes";
    public const string FillsWithoutNonce = "fills-without-nonce";
    public const string GrantsAll = "grants-all";

    public static readonly string[] Names = [DropsChanges, FillsWithoutNonce, GrantsAll];

    public static ISharedTier Break(ISharedTier tier, string? bug) => bug switch
    {
        null => tier,
        DropsChanges => new ChangesDropped(tier),
        FillsWithoutNonce => new FillsForced(tier),
        GrantsAll => new AllGranted(tier),
        _ => throw new ArgumentException($"'{bug}' is no bug; there are: {string.Join(", ", Names)}."),
    };

    /// <summary>Says that it has made a change, and tells the engine nothing.</summary>
    private sealed class ChangesDropped(ISharedTier tier) : PassedOn(tier)
    {
        public override async ValueTask<ChangeReply> ChangeAsync(PartitionId partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken) =>
            new((await Tier.ReadControlAsync(partition, 0, Incarnation.Unknown, cancellationToken).ConfigureAwait(false)).State);
    }

    /// <summary>Stores what a load brought, whether or not its lease lives (A1).</summary>
    private sealed class FillsForced(ISharedTier tier) : PassedOn(tier)
    {
        public override async ValueTask<FillReply> FillAsync(Fill fill, CancellationToken cancellationToken)
        {
            var reply = await Tier.FillAsync(fill, cancellationToken).ConfigureAwait(false);
            return reply.Outcome == FillOutcome.Stored ? reply : new(FillOutcome.Stored, (await Tier.PutAsync(fill.Key, fill.Record, cancellationToken).ConfigureAwait(false)).State);
        }
    }

    /// <summary>Grants a lease to everybody who asks (A59).</summary>
    private sealed class AllGranted(ISharedTier tier) : PassedOn(tier)
    {
        public override async ValueTask<ReadReply> ReadAsync(SharedKey key, LeaseAsk? ask, CancellationToken cancellationToken)
        {
            var reply = await Tier.ReadAsync(key, ask, cancellationToken).ConfigureAwait(false);
            return reply.Lease == LeaseOutcome.Held ? reply with { Lease = LeaseOutcome.Granted } : reply;
        }
    }

    private abstract class PassedOn(ISharedTier tier) : ISharedTier
    {
        public SharedTierCapabilities Capabilities => Tier.Capabilities;

        protected ISharedTier Tier { get; } = tier;

        public ValueTask ConnectAsync(CancellationToken cancellationToken) => Tier.ConnectAsync(cancellationToken);

        public virtual ValueTask<ReadReply> ReadAsync(SharedKey key, LeaseAsk? ask, CancellationToken cancellationToken) => Tier.ReadAsync(key, ask, cancellationToken);

        public ValueTask<IReadOnlyList<ReadReply>> ReadManyAsync(IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken) =>
            Tier.ReadManyAsync(keys, asks, cancellationToken);

        public ValueTask<LeaseReply> AcquireAsync(SharedKey key, LeaseAsk ask, CancellationToken cancellationToken) => Tier.AcquireAsync(key, ask, cancellationToken);

        public virtual ValueTask<FillReply> FillAsync(Fill fill, CancellationToken cancellationToken) => Tier.FillAsync(fill, cancellationToken);

        public ValueTask<IReadOnlyList<FillReply>> FillManyAsync(IReadOnlyList<Fill> fills, CancellationToken cancellationToken) => Tier.FillManyAsync(fills, cancellationToken);

        public ValueTask<ChangeReply> PutAsync(SharedKey key, SharedRecord record, CancellationToken cancellationToken) => Tier.PutAsync(key, record, cancellationToken);

        public ValueTask ReleaseAsync(SharedKey key, Nonce nonce, CancellationToken cancellationToken) => Tier.ReleaseAsync(key, nonce, cancellationToken);

        public virtual ValueTask<ChangeReply> ChangeAsync(PartitionId partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken) =>
            Tier.ChangeAsync(partition, changes, cancellationToken);

        public ValueTask<ControlReply> ReadControlAsync(PartitionId partition, long since, Incarnation incarnation, CancellationToken cancellationToken) =>
            Tier.ReadControlAsync(partition, since, incarnation, cancellationToken);

        public ValueTask WaitAsync(SharedKey key, TimeSpan patience, CancellationToken cancellationToken) => Tier.WaitAsync(key, patience, cancellationToken);

        public ValueTask<CounterReply> CountAsync(SharedKey key, CounterAsk ask, CancellationToken cancellationToken) => Tier.CountAsync(key, ask, cancellationToken);

        public ValueTask<IAsyncDisposable> SubscribeAsync(PartitionId partition, IPushSink sink, CancellationToken cancellationToken) => Tier.SubscribeAsync(partition, sink, cancellationToken);
    }
}
