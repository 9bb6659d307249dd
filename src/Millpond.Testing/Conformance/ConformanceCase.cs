using Millpond.Testing.Conformance.Cases;

namespace Millpond.Testing.Conformance;

/// <summary>What a case needs beyond the contract's core.</summary>
[Flags]
public enum ConformanceNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A tier that holds values.</summary>
    Values = 1,

    /// <summary>A fixture that can restart the engine.</summary>
    Restart = 2,

    /// <summary>A fixture that can evict a record.</summary>
    Eviction = 4,
}

/// <summary>One sentence of the shared tier's contract, as a test. It knows no test framework: run it from any.</summary>
public sealed class ConformanceCase
{
    private readonly Func<SharedTierRun, Task> _body;

    internal ConformanceCase(string name, Func<SharedTierRun, Task> body, ConformanceNeeds needs = ConformanceNeeds.None) =>
        (Name, _body, Needs) = (name, body, needs);

    /// <summary>The sentence.</summary>
    public string Name { get; }

    /// <summary>What it needs; where the fixture lacks it, skip the case and say so.</summary>
    public ConformanceNeeds Needs { get; }

    /// <summary>Whether a fixture has what the case needs.</summary>
    /// <param name="fixture">The fixture.</param>
    public bool IsFor(ISharedTierFixture fixture) =>
        (!Needs.HasFlag(ConformanceNeeds.Values) || fixture.Tier.Capabilities.HoldsValues)
        && (!Needs.HasFlag(ConformanceNeeds.Restart) || fixture.CanRestart)
        && (!Needs.HasFlag(ConformanceNeeds.Eviction) || fixture.CanEvict);

    /// <summary>Runs the case.</summary>
    /// <param name="fixture">A new fixture; the caller disposes it.</param>
    /// <exception cref="ConformanceException">The tier breaks the contract.</exception>
    public async Task RunAsync(ISharedTierFixture fixture) => await _body(new SharedTierRun(fixture)).ConfigureAwait(false);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
