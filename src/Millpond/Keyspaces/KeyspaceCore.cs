using Millpond.Events;
using Millpond.HotKeys;
using Millpond.Invalidation;
using Millpond.Local;
using Millpond.Partitions;
using Millpond.Policies;
using Millpond.Reading;
using Millpond.Runtime;
using Millpond.Shared;
using Millpond.Shared.Guarding;
using Millpond.WarmSides;

namespace Millpond.Keyspaces;

/// <summary>
/// What the roads of one keyspace work on: everything that is fixed when it is built, and the policy, which is swapped whole. It decides
/// nothing by itself.
/// </summary>
internal sealed class KeyspaceCore<TKey, TValue> : IChangeApplier, IAsyncDisposable
    where TKey : notnull
{
    private readonly PartitionKeeper[] _partitions;
    private readonly PartitionGuard[] _guards;
    private readonly CancellationTokenSource _lifetime = new();
    private Policy _policy;

    public KeyspaceCore(KeyspaceParts<TKey, TValue> parts)
    {
        Parts = parts;
        _policy = parts.Policy;
        Lifetime = _lifetime.Token;
        Counters = new KeyspaceCounters();
        Local = new LocalTier<TKey, TValue>(parts.Budget, Counters, parts.Surroundings, parts.Policy.Limits.LocalBytesMax, !parts.Tier.Capabilities.HoldsValues);
        Hot = _policy.HotKeys.TrackedKeysMax == 0 ? null : new HotKeyFinder<TKey>(parts.Name, _policy.HotKeys, parts.Surroundings, parts.Listener, Local.Protect, Fleet(parts));
        _partitions =
        [
            .. Enumerable.Range(0, Tier.Capabilities.PartitionsPerKeyspace).Select(index => new PartitionKeeper(
                new PartitionView(new PartitionId(parts.FullName, index)), Unguarded, this, parts.Rules, parts.Surroundings, parts.Listener, Lifetime)),
        ];
        Recent = parts.WarmSide is { } warm ? new RecentChanges(() => parts.Surroundings.Now, () => warm.HoldOff) : null;
        Spread = _partitions.Length == 1 ? null : new PartitionLoads(parts.Name, _partitions.Length, parts.Surroundings, parts.Listener);
        _guards = Tier is GuardedTier guarded ? [.. _partitions.Select(keeper => guarded.Of(keeper.View.Id))] : [];
        Deferred = new DeferredChanges(Unguarded, parts.Surroundings, parts.Listener, Lifetime);
        Leases = new KeptLeases(Unguarded, parts.Surroundings, () => Policy, failure => Listener.On(new SharedTierFailed(Name, "extend", failure)), Lifetime);
        Judge = new Judge(parts.Rules, parts.Surroundings, _partitions[0].TrustTicks);
        Flights = new FlightTable<TKey, TValue>(Local, parts.Rules, Judge.TrustTicks, () => parts.Surroundings.Now);
        ApplyLimits();
    }

    public KeyspaceParts<TKey, TValue> Parts { get; }

    public string Name => Parts.Name;

    /// <summary>The shared tier for whatever somebody waits for.</summary>
    public ISharedTier Tier => Parts.Tier;

    /// <summary>How each partition's node has answered lately; none where the tier is in this process.</summary>
    public IReadOnlyList<PartitionGuard> Guards => _guards;

    /// <summary>The shared tier for what keeps this process's knowledge true, at its own pace.</summary>
    private ISharedTier Unguarded => (Tier as GuardedTier)?.Inner ?? Tier;

    public Surroundings Surroundings => Parts.Surroundings;

    public CacheListener Listener => Parts.Listener;

    public ProtocolRules Rules => Parts.Rules;

    public LocalTier<TKey, TValue> Local { get; }

    public FlightTable<TKey, TValue> Flights { get; }

    public Judge Judge { get; }

    /// <summary>Changes of ours that the shared tier has not been told yet.</summary>
    public DeferredChanges Deferred { get; }

    /// <summary>The leases under which something is under way here.</summary>
    public KeptLeases Leases { get; }

    /// <summary>What proves to reads with a bound that an entry is within it; null where no change feed follows the keyspace. Set while the cache is built.</summary>
    public Feeds.Applying.FeedProof? Proof { get; set; }

    /// <summary>Whether this region has come as far as a read asks for; null likewise.</summary>
    public Sessions.RegionStand? Stand { get; set; }

    /// <summary>Told of each change of a key that is heard; must be quick. Set while the keyspace is built.</summary>
    public Action<TKey>? KeyChanged { get; set; }

    public KeyspaceCounters Counters { get; }

    /// <summary>What changed a short while ago; null where nothing is copied from a warm side.</summary>
    public RecentChanges? Recent { get; }

    /// <summary>How evenly asks are spread over the partitions; null where there is one.</summary>
    public PartitionLoads? Spread { get; }

    /// <summary>Finds the keys that are hot; null where nobody wants to know.</summary>
    public HotKeyFinder<TKey>? Hot { get; }

    /// <summary>Cancelled when the cache is disposed.</summary>
    public CancellationToken Lifetime { get; }

    public IReadOnlyList<PartitionKeeper> Partitions => _partitions;

    public Policy Policy
    {
        get => Volatile.Read(ref _policy);
        set
        {
            Volatile.Write(ref _policy, value);
            ApplyLimits();
        }
    }

    public bool IsDisposed => Lifetime.IsCancellationRequested;

    /// <summary>Whether a partition's node is left alone now, and is not to be asked.</summary>
    public bool IsAway(PartitionId partition) => _guards.Length > 0 && _guards[partition.Index].IsAway();

    public PartitionKeeper KeeperOf(SharedKey key) => _partitions[key.Partition.Index];

    /// <summary>The key's name in the shared tier, validated (MP1101, MP1102).</summary>
    public SharedKey NameOf(TKey key)
    {
        var text = Parts.Naming.Text(key, Policy.Limits.KeyBytesMax);
        return new SharedKey(_partitions[PartitionHash.Of(text, _partitions.Length)].View.Id, text);
    }

    public MillpondException Disposed() =>
        new(ErrorCode.Disposed, $"Keyspace '{Name}' belongs to a cache that has been disposed. Keep the service provider alive as long as the cache is used.")
        {
            Keyspace = Name,
        };

    public void ThrowIfDisposed()
    {
        if (IsDisposed)
        {
            throw Disposed();
        }
    }

    /// <summary>A change heard from the shared tier. Floors are the view's; only a key's change reaches entries and flights.</summary>
    public void Apply(Incarnation incarnation, in SequencedChange change, long since)
    {
        Recent?.Note(change.Change);
        if (change.Change.Kind == ChangeKind.Key && Parts.Naming.TryRead(change.Change.Name, out var key))
        {
            Flights.Fence(key, change.Sequence, incarnation, change.Change.After, since);
            KeyChanged?.Invoke(key);
        }
    }

    /// <summary>Counts a flight that the shared tier did not end, where it could have.</summary>
    public void CountSharedMiss(Flight<TKey, TValue> flight)
    {
        if (Tier.Capabilities.HoldsValues && flight.IsDemanded)
        {
            Counters.SharedMisses.Add();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Not its asynchronous twin, which runs what it cancels on the thread pool, out of a simulator's sight.
        _lifetime.Cancel();
        foreach (var flight in Flights.All())
        {
            Flights.Land(flight, null);
            flight.Fail(Disposed());
        }

        // Nothing is served any more, so nothing need be held; and a hit does not ask whether the cache has been disposed.
        Local.Clear();
        foreach (var partition in _partitions)
        {
            await partition.DisposeAsync().ConfigureAwait(false);
        }
    }

    private HotFleet<TKey>? Fleet(KeyspaceParts<TKey, TValue> parts) => !Tier.Capabilities.HoldsValues
        ? null
        : new(new FleetReports(parts.FullName, Tier, parts.Surroundings), key => parts.Naming.Text(key, Policy.Limits.KeyBytesMax), parts.Surroundings, Lifetime);

    private void ApplyLimits()
    {
        var limits = Policy.Limits;
        if (Hot is null)
        {
            Local.Limit(limits.LocalBytesMin, limits.LocalBytesMax);
            return;
        }

        Hot.Options = Policy.HotKeys;
        Local.Treat(Hot, keepsHotAlone: limits.LocalBytesMax == 0);
        Local.Limit(limits.LocalBytesMin, limits.LocalBytesMax);
        if (limits.LocalBytesMax == 0)
        {
            // After what there was has gone.
            Local.Limit(0, limits.LocalHotBytesMax);
        }
    }
}
