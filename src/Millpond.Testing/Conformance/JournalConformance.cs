using Millpond.Testing.Conformance.Cases;

namespace Millpond.Testing.Conformance;

/// <summary>The contract of <see cref="Millpond.Journals.IWriteJournal"/> as tests, the same for every journal. A journal's test project runs each case that <see cref="JournalCase.IsFor"/> its fixture, and lists those that it leaves out.</summary>
public static class JournalConformance
{
    /// <summary>All cases, in the order of the contract.</summary>
    public static IReadOnlyList<JournalCase> Cases { get; } = [.. JournalAppendCases.All, .. JournalPendingCases.All, .. JournalLeadCases.All, .. JournalDeadLetterCases.All, .. JournalTrailCases.All];
}

/// <summary>One sentence of a journal's contract, as a test. It knows no test framework: run it from any.</summary>
public sealed class JournalCase
{
    private readonly Func<JournalCaseRun, Task> _body;

    internal JournalCase(string name, Func<JournalCaseRun, Task> body, JournalNeeds needs = JournalNeeds.None) => (Name, _body, Needs) = (name, body, needs);

    /// <summary>The sentence.</summary>
    public string Name { get; }

    /// <summary>What it needs; where the fixture lacks it, skip the case and say so.</summary>
    public JournalNeeds Needs { get; }

    /// <summary>Whether a fixture has what the case needs.</summary>
    /// <param name="fixture">The fixture.</param>
    public bool IsFor(IJournalFixture fixture) => (fixture.Has & Needs) == Needs;

    /// <summary>Runs the case.</summary>
    /// <param name="fixture">A new fixture; the caller disposes it.</param>
    /// <exception cref="ConformanceException">The journal breaks the contract.</exception>
    public async Task RunAsync(IJournalFixture fixture)
    {
        var run = new JournalCaseRun(fixture);
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
