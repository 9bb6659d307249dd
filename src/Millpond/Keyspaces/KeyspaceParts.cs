using Millpond.Events;
using Millpond.Loading;
using Millpond.Local;
using Millpond.Policies;
using Millpond.Runtime;
using Millpond.Serialization;
using Millpond.Shared;
using Millpond.WarmSides;

namespace Millpond.Keyspaces;

/// <summary>What a keyspace is built from.</summary>
internal sealed record KeyspaceParts<TKey, TValue>
    where TKey : notnull
{
    public required string Name { get; init; }

    /// <summary>The name in the shared tier: prefix, name and version.</summary>
    public required string FullName { get; init; }

    public required int Version { get; init; }

    public required Policy Policy { get; init; }

    public required KeyNaming<TKey> Naming { get; init; }

    public required RecordCodec<TValue> Codec { get; init; }

    public required ISharedTier Tier { get; init; }

    public required Surroundings Surroundings { get; init; }

    public required LocalBudget Budget { get; init; }

    public required SourceGuard Source { get; init; }

    /// <summary>Where what the shared tier does not have is copied from; null if from nowhere.</summary>
    public WarmSide? WarmSide { get; init; }

    public CacheListener Listener { get; init; } = CacheListener.Deaf;

    public ProtocolRules Rules { get; init; } = ProtocolRules.Standard;

    public Loader<TKey, TValue>? Loader { get; init; }

    public BatchLoader<TKey, TValue>? BatchLoader { get; init; }

    /// <summary>Loads from the home database, in a region whose own is a replica; null if the keyspace declares nothing.</summary>
    public Loader<TKey, TValue>? HomeLoader { get; init; }

    /// <summary>Which of a loader's failures may be over in a moment.</summary>
    public Func<Exception, bool>? IsTransient { get; init; }

    /// <summary>What callers get when there is neither a value nor an older one.</summary>
    public Func<TKey, TValue?>? Fallback { get; init; }

    public Writer<TKey, TValue>? Writer { get; init; }

    /// <summary>Where writes are journaled, and who brings them to the source; null where they are not.</summary>
    public Writing.Behind.BehindPlan<TKey, TValue>? Behind { get; init; }

    public Func<TKey, TValue, IEnumerable<string>>? Tags { get; init; }

    public Func<TKey, TValue, long>? Weigher { get; init; }

    public bool AllowsUnorderedSets { get; init; }

    /// <summary>Whether a sliding entry may not go before its time, so that each read of one has to reach the tier it slides in.</summary>
    public bool SlidesExactly { get; init; }
}
