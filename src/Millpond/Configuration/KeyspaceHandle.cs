using Millpond.Shared.Guarding;
using Millpond.Auditing;
using Millpond.Events;
using Millpond.Feeds.Applying;
using Millpond.Invalidation;
using Millpond.Keyspaces;
using Millpond.Policies;
using Millpond.Writing.Behind;

namespace Millpond;

/// <summary>A keyspace without its types: what its cache and the statistics need of it.</summary>
internal interface IKeyspaceHandle : IAsyncDisposable
{
    string Name { get; }

    /// <summary>What users are given: the keyspace, or the tenant keyspace over it.</summary>
    object Face { get; }

    KeyspaceCounters Counters { get; }

    int Entries { get; }

    long Bytes { get; }

    /// <summary>The median age of entries that had to go for want of room; null if none had to.</summary>
    TimeSpan? AgeAtEviction { get; }

    Policy Policy { get; set; }

    /// <summary>Whether every partition is connected and its channel trusted; partitions not used yet count as trusted.</summary>
    bool IsTrusted { get; }

    int DeferredChanges { get; }

    /// <summary>Tries them once more, because the program ends.</summary>
    Task TellDeferredAsync(CancellationToken cancellationToken);

    /// <summary>The keyspace as change feeds see it; null if no rule says what changes it.</summary>
    IFeedTarget? FeedTarget { get; }

    /// <summary>The keyspace as those see it who know it by name.</summary>
    IPurgeTarget Purged { get; }

    /// <summary>What fills it when the program starts; null if nothing does.</summary>
    WarmingUp.IWarmUp? WarmUp { get; }

    /// <summary>The keyspace as the auditor sees it; null without a source to compare with.</summary>
    IAuditedKeyspace? Audit { get; }

    /// <summary>Its write-behind; null where writes are not journaled.</summary>
    IBehind? Behind { get; }

    /// <summary>How the shared tier answers it, by partition.</summary>
    IReadOnlyList<PartitionGuard> Guards { get; }

    /// <summary>How many keys are hot, and the share of the reads here that is for them.</summary>
    (int Count, double Share) HotKeysNow { get; }

    /// <summary>What the busiest partition was asked in the last second, to the mean of all; 0 if there was too little to tell.</summary>
    double SharedSkew { get; }

    /// <summary>The most read keys, as text.</summary>
    IReadOnlyList<HotKeyText> HotKeys();
}

/// <summary>A keyspace behind its handle.</summary>
internal sealed class KeyspaceHandle<TKey, TValue>(Keyspace<TKey, TValue> keyspace, object face, IFeedTarget? feedTarget) : IKeyspaceHandle
    where TKey : notnull
{
    public string Name => keyspace.Name;

    public IFeedTarget? FeedTarget => feedTarget;

    public IPurgeTarget Purged => keyspace.Purged;

    public IAuditedKeyspace? Audit => keyspace.Audit;

    public object Face => face;

    public WarmingUp.IWarmUp? WarmUp { get; init; }

    public IBehind? Behind => keyspace.Behind;

    public KeyspaceCounters Counters => keyspace.Core.Counters;

    public int Entries => keyspace.Core.Local.Count;

    public long Bytes => keyspace.Core.Local.Bytes;

    public TimeSpan? AgeAtEviction => keyspace.Core.Local.AgeAtEviction(0.5) is > 0 and var milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

    public int DeferredChanges => keyspace.Core.Deferred.Count;

    public Task TellDeferredAsync(CancellationToken cancellationToken) => keyspace.Core.Deferred.FarewellAsync(cancellationToken);

    public IReadOnlyList<PartitionGuard> Guards => keyspace.Core.Guards;

    public Policy Policy
    {
        get => keyspace.Core.Policy;
        set => keyspace.Core.Policy = value;
    }

    public bool IsTrusted => keyspace.Core.Partitions.All(keeper => keeper.View.Epoch == 0 || keyspace.Core.Surroundings.Now < keeper.View.TrustedUntil);

    public (int Count, double Share) HotKeysNow => keyspace.Core.Hot is { IsCalm: false } hot ? hot.Hottest() : default;

    public double SharedSkew => keyspace.Core.Spread?.Skew ?? 0;

    public IReadOnlyList<HotKeyText> HotKeys()
    {
        var core = keyspace.Core;
        return
        [
            .. keyspace.HotKeys().Select(one => new HotKeyText
            {
                Keyspace = Name,
                Key = core.Parts.Naming.Text(one.Key, core.Policy.Limits.KeyBytesMax),
                ReadsPerSecond = one.ReadsPerSecond,
                Share = one.Share,
                FleetReadsPerSecond = one.FleetReadsPerSecond,
                FleetShare = one.FleetShare,
                IsHot = one.IsHot,
            }),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        // First, because what it flushes may have to be told to the tiers.
        if (keyspace.Behind is { } behind)
        {
            await behind.DisposeAsync().ConfigureAwait(false);
        }

        await keyspace.Core.DisposeAsync().ConfigureAwait(false);
    }
}
