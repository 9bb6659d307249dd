using Millpond.Feeds;
using Millpond.Testing.Feeds;
using Millpond.Testing.Time;

namespace Millpond.Testing.Conformance;

/// <summary>The source in memory as a source under test, in simulated time: the pattern for other feeds' fixtures. Run a case inside <see cref="SimulatedSurroundings.Run"/> of <see cref="Surroundings"/>.</summary>
internal sealed class InMemoryFeedFixture : IFeedFixture
{
    private readonly Dictionary<int, RowValues> _rows = [];

    public InMemoryFeedFixture() => Source = new InMemorySource(Surroundings);

    public SimulatedSurroundings Surroundings { get; } = new(seed: 1);

    public InMemorySource Source { get; }

    public string Table => "public.things";

    public FeedNeeds Has => FeedNeeds.RollBack | FeedNeeds.Truncate | FeedNeeds.History | FeedNeeds.Leadership | FeedNeeds.OldValues | FeedNeeds.SignsOfLife | FeedNeeds.WholeTransactions;

    public IChangeFeed NewFeed() => Source.NewFeed();

    public ValueTask CommitAsync(params IReadOnlyList<RowWrite> writes)
    {
        Source.Commit([.. writes.Select(write => write.ChangeIn(Table, _rows))]);
        return default;
    }

    public ValueTask RollBackAsync(params IReadOnlyList<RowWrite> writes) => default;

    public ValueTask BreakAsync()
    {
        Source.Stop();
        Source.Start();
        return default;
    }

    public ValueTask LoseHistoryAsync()
    {
        Source.Forget();
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
