using Millpond.Journals;
using Millpond.Testing.Journals;
using Millpond.Testing.Time;

namespace Millpond.Testing.Conformance;

/// <summary>The journal in memory under test, in simulated time: the pattern for other journals' fixtures. Run a case inside <see cref="SimulatedSurroundings.Run"/> of <see cref="Surroundings"/>.</summary>
internal sealed class InMemoryJournalFixture : IJournalFixture
{
    public InMemoryJournalFixture() => Store = new InMemoryJournalStore(Surroundings);

    public SimulatedSurroundings Surroundings { get; } = new(seed: 1);

    public InMemoryJournalStore Store { get; }

    public JournalNeeds Has => JournalNeeds.Fleet | JournalNeeds.Refusal | JournalNeeds.LeadTaken | JournalNeeds.Trail;

    public IWriteJournal NewJournal() => Store.NewJournal();

    public void KeepTrail(TrailOptions trail) => Store.Trail = trail;

    public ValueTask KillAsync(IWriteJournal journal)
    {
        Store.Kill(journal);
        return default;
    }

    public ValueTask RefuseAsync(AppendRefusal refusal)
    {
        Store.AppendsFail = refusal == AppendRefusal.Begins ? JournalFailure.Refused : null;
        return default;
    }

    public ValueTask TakeLeadAwayAsync()
    {
        Store.TakeLeadAway();
        return default;
    }

    public ValueTask AdvanceAsync(TimeSpan time)
    {
        Surroundings.RunUntilIdle();
        Surroundings.Clock.Advance(time);
        Surroundings.RunUntilIdle();
        return default;
    }

    public ValueTask DisposeAsync() => default;
}
