using Millpond.Journals;
using Millpond.Sinks;
using Millpond.Testing.Journals;
using Millpond.Testing.Sinks;
using Millpond.Tests.Anomalies;

namespace Millpond.Tests.Writing.Behind;

/// <summary>Processes that share a tier, where the writer alone knows what is pending.</summary>
public sealed class AloneWithItsJournal
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData("v2")]
    [InlineData(null)]
    public void An_own_write_is_not_undone_by_what_another_process_loaded_from_the_source(string? written) => Fleet.Run(fleet =>
    {
        var (store, source) = Stores(fleet);
        var owner = fleet.Add(k => k.WriteBehind(_ => store.NewJournal(), _ => source, o => (o.FlushDelay, o.DrainMax) = (Long, TimeSpan.Zero)));
        var other = fleet.Add();
        fleet.Done(Write(owner, written));
        other.Invalidate();
        Assert.Equal("v1", other.Read());
        owner.Things.Core.Local.Clear();
        Assert.Equal(written, owner.Read());
        Assert.Equal(written, fleet.Done(owner.Things.GetManyAsync([Fleet.K]).AsTask()).GetValueOrDefault(Fleet.K));
        fleet.Pass(2 * Long);
        Assert.Equal(written ?? "absent", fleet.WhatAllRead());
    });

    [Fact]
    public void What_a_dead_process_had_flushed_and_not_said_is_said_by_the_next_one() => Fleet.Run(fleet =>
    {
        var (store, source) = Stores(fleet);
        var journal = store.NewJournal();
        var never = fleet.Surroundings.NewCompletion<bool>();
        var dead = fleet.Add(k => k.WriteBehind(_ => journal, _ => source, o => o.DrainMax = TimeSpan.Zero));
        var other = fleet.Add();
        fleet.Done(Write(dead, "v2"));
        other.Invalidate();
        Assert.Equal("v1", other.Read());

        // It dies between the database's commit and everything after it.
        source.AfterApply = _ => never.Task;
        fleet.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("v2", fleet.P[Fleet.K]);
        store.Kill(journal);
        source.AfterApply = null;
        var next = fleet.Add(k => k.WriteBehind(_ => store.NewJournal(), _ => source, o => o.DrainMax = TimeSpan.Zero));
        fleet.Done(next.Things.Behind!.DeadLettersAsync().AsTask());
        fleet.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal("v2", next.Read());
        Assert.Equal("v2", other.Read());
    });

    [Fact]
    public void What_was_flushed_and_could_not_be_said_is_said_by_the_next_process() => Fleet.Run(fleet =>
    {
        var (store, source) = Stores(fleet);
        var journal = store.NewJournal();
        var dead = fleet.Add(k => k.WriteBehind(_ => journal, _ => source, o => o.DrainMax = TimeSpan.Zero));
        var other = fleet.Add();
        fleet.Done(Write(dead, "v2"));
        other.Invalidate();
        Assert.Equal("v1", other.Read());

        // Its way to the shared tier is cut, and to the database it is not.
        dead.Network.Operations.IsDown = true;
        fleet.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal("v2", fleet.P[Fleet.K]);
        var statistics = dead.Things.Behind!.Statistics();
        Assert.Equal((0, 1, null, false), (statistics.Records, statistics.Untold, statistics.Lag, statistics.IsLate));
        fleet.Done(dead.Things.Behind!.FlushAsync());
        store.Kill(journal);
        var next = fleet.Add(k => k.WriteBehind(_ => store.NewJournal(), _ => source, o => o.DrainMax = TimeSpan.Zero));
        Assert.Equal("v2", next.Read());
        fleet.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal("v2", next.Read());
        Assert.Equal("v2", other.Read());
        Assert.Equal(0, store.NewJournal().Depth.Records);
    });

    [Fact]
    public void What_was_put_aside_in_the_same_batch_does_not_take_news_with_it_that_is_not_told() => Fleet.Run(fleet =>
    {
        const int Poisoned = 8;
        var (store, source) = Stores(fleet);
        source.Refuses = item => item.Key == Poisoned;
        var journal = store.NewJournal();
        var dead = fleet.Add(k => k.WriteBehind(_ => journal, _ => source, o => o.DrainMax = TimeSpan.Zero));
        fleet.Done(dead.Things.WriteAsync(Poisoned, "poison").AsTask());
        fleet.Pass(Long);
        fleet.Done(Write(dead, "v2"));
        fleet.Done(dead.Things.WriteAsync(Poisoned, "behind it").AsTask());

        // The second one is put aside, the first one applied, and then it dies.
        source.AfterApply = _ => fleet.Surroundings.NewCompletion<bool>().Task;
        fleet.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("v2", fleet.P[Fleet.K]);
        store.Kill(journal);
        source.AfterApply = null;
        var next = fleet.Add(k => k.WriteBehind(_ => store.NewJournal(), _ => source, o => o.DrainMax = TimeSpan.Zero));
        next.Network.Operations.IsDown = true;
        fleet.Done(next.Things.Behind!.DeadLettersAsync().AsTask());
        fleet.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal((1, 1), (next.Things.Behind!.Statistics().Untold, store.NewJournal().Depth.Records));
        next.Network.Operations.IsDown = false;
        fleet.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal((0, 0), (next.Things.Behind!.Statistics().Untold, store.NewJournal().Depth.Records));
    });

    [Fact]
    public void What_was_flushed_leaves_the_journal_when_the_tier_is_back() => Fleet.Run(fleet =>
    {
        var (store, source) = Stores(fleet);
        var owner = fleet.Add(k => k.WriteBehind(_ => store.NewJournal(), _ => source));
        var other = fleet.Add();
        owner.Network.Operations.IsDown = true;
        fleet.Done(Write(owner, "v2"));
        fleet.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(1, owner.Things.Behind!.Statistics().Untold);
        owner.Network.Operations.IsDown = false;
        fleet.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal((0, 0), (owner.Things.Behind!.Statistics().Untold, store.NewJournal().Depth.Records));
        Assert.Equal("v2", other.Read());
    });

    [Fact]
    public void A_tier_that_is_away_takes_half_of_the_journals_room_and_no_more() => Fleet.Run(fleet =>
    {
        var (store, source) = Stores(fleet);
        var owner = fleet.Add(k => k.WriteBehind(_ => store.NewJournal(), _ => source, o => (o.PendingRecordsMax, o.FullWaitMax) = (8, TimeSpan.Zero)));
        owner.Network.Operations.IsDown = true;
        long most = 0;
        for (var key = 0; key < 50; key++)
        {
            fleet.Done(owner.Things.WriteAsync(key, "v2").AsTask());
            fleet.Pass(TimeSpan.FromSeconds(1));
            most = Math.Max(most, owner.Things.Behind!.Statistics().Untold);
        }

        Assert.Equal(4, most);
        Assert.Equal(50, source.History.Count);
    });

    private static (InMemoryJournalStore Store, InMemorySink<int, string> Source) Stores(Fleet fleet)
    {
        var source = new InMemorySink<int, string> { Applied = item => fleet.P[item.Key] = item.Kind == JournalKind.Set ? item.Value : null };
        return (new InMemoryJournalStore(fleet.Surroundings) { Reach = JournalReach.Process }, source);
    }

    private static Task<WriteResult<string>> Write(Node owner, string? value) =>
        (value is null ? owner.Things.DeleteAsync(Fleet.K) : owner.Things.WriteAsync(Fleet.K, value)).AsTask();
}
