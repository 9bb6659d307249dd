using Millpond.Shared;

namespace Millpond.Testing.Conformance;

/// <summary>What a conformance case needs of an engine under test. Each case gets a fixture of its own and disposes it.</summary>
public interface ISharedTierFixture : IAsyncDisposable
{
    /// <summary>The tier, connected.</summary>
    ISharedTier Tier { get; }

    /// <summary>The name of a keyspace that nobody else uses and that was never used before.</summary>
    string Keyspace { get; }

    /// <summary>Whether <see cref="RestartAsync"/> works. Without it the cases about restarts are left out.</summary>
    bool CanRestart { get; }

    /// <summary>Whether <see cref="EvictAsync"/> works. Without it the cases about evictions are left out.</summary>
    bool CanEvict { get; }

    /// <summary>Lets time pass for the engine: really, or on a clock that the fixture holds.</summary>
    /// <param name="time">How much.</param>
    ValueTask AdvanceAsync(TimeSpan time);

    /// <summary>Restarts the engine and connects the tier again.</summary>
    /// <param name="kind">What it comes back with.</param>
    ValueTask RestartAsync(RestartKind kind);

    /// <summary>Makes the engine evict a record as if memory had run out.</summary>
    /// <param name="key">Whose.</param>
    ValueTask EvictAsync(SharedKey key);
}

/// <summary>What an engine comes back with after a restart.</summary>
public enum RestartKind
{
    /// <summary>Nothing.</summary>
    Empty,

    /// <summary>What it held, as from a snapshot taken just before.</summary>
    WithRecords,
}
