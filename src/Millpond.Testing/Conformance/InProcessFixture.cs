using Millpond.Shared;
using Millpond.Shared.InProcess;
using Millpond.Testing.Faults;
using Millpond.Testing.Time;

namespace Millpond.Testing.Conformance;

/// <summary>
/// The tier in process as an engine under test, in simulated time: the pattern for other engines' fixtures. Run a case inside
/// <see cref="SimulatedSurroundings.Run"/> of <see cref="Surroundings"/>.
/// </summary>
internal sealed class InProcessFixture : ISharedTierFixture
{
    /// <summary>Fewer floors than the suite changes scopes, so that merging is judged too.</summary>
    private const int FloorsMax = 100;

    private readonly InProcessSharedTier _tier;

    /// <param name="payloadBytesMax">0 for a tier that only coordinates.</param>
    /// <param name="rules">Null for sound ones.</param>
    /// <param name="isBehindNetwork">Whether calls go through a network, which has no faults.</param>
    public InProcessFixture(long payloadBytesMax, InProcessRules? rules = null, bool isBehindNetwork = false)
    {
        _tier = new InProcessSharedTier(
            new InProcessSharedTierOptions { PayloadBytesMax = payloadBytesMax, FloorsMax = FloorsMax }, Surroundings, rules);
        Tier = isBehindNetwork ? new FaultySharedTier(_tier, Surroundings, seed: 1) : _tier;
    }

    public SimulatedSurroundings Surroundings { get; } = new(seed: 1);

    public ISharedTier Tier { get; }

    public string Keyspace => "shop:product:v1";

    public bool CanRestart => true;

    public bool CanEvict => true;

    public ValueTask AdvanceAsync(TimeSpan time)
    {
        Surroundings.Clock.Advance(time);
        return default;
    }

    public ValueTask RestartAsync(RestartKind kind)
    {
        if (kind == RestartKind.Empty)
            _tier.RestartEmpty();
        else
            _tier.RestartFrom(_tier.Snapshot());
        return default;
    }

    public ValueTask EvictAsync(SharedKey key)
    {
        _tier.Evict(key);
        return default;
    }

    public ValueTask DisposeAsync() => default;
}
