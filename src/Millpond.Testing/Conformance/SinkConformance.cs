using Millpond.Testing.Conformance.Cases;

namespace Millpond.Testing.Conformance;

/// <summary>The contract of <see cref="Millpond.Sinks.IWriteSink{TKey, TValue}"/> as tests, the same for every sink that has a ledger.</summary>
public static class SinkConformance
{
    /// <summary>All cases.</summary>
    public static IReadOnlyList<SinkCase> Cases { get; } = [.. SinkCases.All];
}

/// <summary>One sentence of a sink's contract, as a test. It knows no test framework: run it from any.</summary>
public sealed class SinkCase
{
    private readonly Func<ISinkFixture, Task> _body;

    internal SinkCase(string name, Func<ISinkFixture, Task> body) => (Name, _body) = (name, body);

    /// <summary>The sentence.</summary>
    public string Name { get; }

    /// <summary>Runs the case.</summary>
    /// <param name="fixture">A new fixture; the caller disposes it.</param>
    /// <exception cref="ConformanceException">The sink breaks the contract.</exception>
    public Task RunAsync(ISinkFixture fixture) => _body(fixture);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
