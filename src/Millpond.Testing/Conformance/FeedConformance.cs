using Millpond.Testing.Conformance.Cases;

namespace Millpond.Testing.Conformance;

/// <summary>The contract of <see cref="Millpond.Feeds.IChangeFeed"/> as tests, the same for every feed. A feed's test project runs each case that <see cref="FeedCase.IsFor"/> its fixture, and lists those that it leaves out.</summary>
public static class FeedConformance
{
    /// <summary>All cases, in the order of the contract.</summary>
    public static IReadOnlyList<FeedCase> Cases { get; } = [.. FeedRowCases.All, .. FeedConfirmingCases.All];
}

/// <summary>One sentence of a feed's contract, as a test. It knows no test framework: run it from any.</summary>
public sealed class FeedCase
{
    private readonly Func<FeedCaseRun, Task> _body;

    internal FeedCase(string name, Func<FeedCaseRun, Task> body, FeedNeeds needs = FeedNeeds.None) => (Name, _body, Needs) = (name, body, needs);

    /// <summary>The sentence.</summary>
    public string Name { get; }

    /// <summary>What it needs; where the fixture lacks it, skip the case and say so.</summary>
    public FeedNeeds Needs { get; }

    /// <summary>Whether a fixture has what the case needs.</summary>
    /// <param name="fixture">The fixture.</param>
    public bool IsFor(IFeedFixture fixture) => (fixture.Has & Needs) == Needs;

    /// <summary>Runs the case.</summary>
    /// <param name="fixture">A new fixture; the caller disposes it.</param>
    /// <exception cref="ConformanceException">The feed breaks the contract.</exception>
    public async Task RunAsync(IFeedFixture fixture)
    {
        var run = new FeedCaseRun(fixture);
        try
        {
            await _body(run).ConfigureAwait(false);
        }
        finally
        {
            await run.EndAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
