using Millpond.Testing.Journals;
using Millpond.Testing.Sinks;
using Millpond.Tests.Anomalies;

namespace Millpond.Tests.Writing.Behind;

/// <summary>How old a loaded value counts where the journal was asked first.</summary>
public sealed class AgeOfLoads
{
    [Fact]
    public void A_value_is_as_old_as_the_question_what_is_pending() => Fleet.Run(fleet =>
    {
        var store = new InMemoryJournalStore(fleet.Surroundings);
        var answer = fleet.Surroundings.NewCompletion<bool>();
        var journal = new HookedJournal(store.NewJournal()) { AfterFind = () => answer.Task };
        var node = fleet.Add(k => k.WriteBehind(_ => journal, _ => new InMemorySink<int, string>(), o => o.DrainMax = TimeSpan.Zero));
        var read = node.Things.ReadAsync(Fleet.K).AsTask();
        fleet.Pass(TimeSpan.FromSeconds(3));
        answer.SetResult(true);
        var reading = fleet.Done(read);
        Assert.Equal(("v1", TimeSpan.FromSeconds(3)), (reading.Value, reading.Age));
    });
}
