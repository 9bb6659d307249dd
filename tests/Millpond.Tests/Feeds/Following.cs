using Millpond.Events;
using Millpond.Feeds;

namespace Millpond.Tests.Feeds;

/// <summary>What a source's changes do to a keyspace that says what changes it.</summary>
public sealed class Following
{
    [Fact]
    public void A_row_written_past_the_application_changes_what_every_process_reads() => FeedRig.Run(async rig =>
    {
        rig.Write(7, "old");
        var (here, there) = (rig.Follow(), rig.Other());
        Assert.Equal(("old", "old"), (await here.GetAsync(7), await there.GetAsync(7)));
        rig.Write(7, "new");
        Assert.False(here.TryPeek(7, out _));
        Assert.False(there.TryPeek(7, out _));
        Assert.Equal(("new", "new"), (await here.GetAsync(7), await there.GetAsync(7)));
    });

    [Fact]
    public void A_new_row_ends_an_entry_that_said_there_was_none() => FeedRig.Run(async rig =>
    {
        var here = rig.Follow();
        Assert.Null(await here.GetAsync(7));
        rig.Write(7, "new");
        Assert.Equal("new", await here.GetAsync(7));
        rig.Write(7, null);
        Assert.Null(await here.GetAsync(7));
    });

    [Fact]
    public void A_row_that_moves_from_one_key_to_another_touches_both() => FeedRig.Run(async rig =>
    {
        // Keys are groups here: an entry lists the rows of its group.
        rig.Write(7, "a", group: 1);
        var here = rig.Follow(k => k.ChangedBy(FeedRig.Table, "grp"));
        rig.Rows[1] = rig.Rows[2] = rig.Rows[3] = "list";
        await here.GetManyAsync([1, 2, 3]);
        rig.Write(7, "a", group: 2);
        Assert.Equal((false, false, true), (here.TryPeek(1, out _), here.TryPeek(2, out _), here.TryPeek(3, out _)));
    });

    [Fact]
    public void A_row_that_moves_from_one_tag_to_another_touches_both() => FeedRig.Run(async rig =>
    {
        rig.Write(7, "a", group: 1);
        var here = rig.Follow(k => k.Tags((key, _) => ["grp:" + (key / 10)]).ChangedBy(new RowRule<int> { Table = FeedRig.Table, Tags = ["grp:{grp}"] }));
        (rig.Rows[10], rig.Rows[20], rig.Rows[30]) = ("of 1", "of 2", "of 3");
        await here.GetManyAsync([10, 20, 30]);
        rig.Write(7, "a", group: 2);
        Assert.Equal((false, false, true), (here.TryPeek(10, out _), here.TryPeek(20, out _), here.TryPeek(30, out _)));
    });

    [Fact]
    public void A_rule_of_ones_own_names_the_keys() => FeedRig.Run(async rig =>
    {
        var here = rig.Follow(k => k.ChangedBy(new RowRule<int> { Table = FeedRig.Table, Columns = ["id", "grp"], Keys = row => [row.Get<int>("id") + row.Get<int>("grp")] }));
        (rig.Rows[12], rig.Rows[7]) = ("sum", "id");
        await here.GetManyAsync([7, 12]);
        rig.Write(7, "a", group: 5);
        Assert.Equal((true, false), (here.TryPeek(7, out _), here.TryPeek(12, out _)));
    });

    [Fact]
    public void A_rule_that_names_nothing_changes_the_keyspace() => FeedRig.Run(async rig =>
    {
        var here = rig.Follow(k => k.ChangedBy(new RowRule<int> { Table = FeedRig.Table }));
        rig.Rows[1] = "a";
        await here.GetAsync(1);
        rig.Write(7, "b");
        Assert.False(here.TryPeek(1, out _));
    });

    [Fact]
    public void A_truncate_changes_the_keyspace() => FeedRig.Run(async rig =>
    {
        var here = rig.Follow();
        (rig.Rows[1], rig.Rows[2]) = ("a", "b");
        await here.GetManyAsync([1, 2]);
        rig.Log.Commit(new RowChange(FeedRig.Table, RowChangeKind.Truncate, null, null));
        rig.Caches.Settle();
        Assert.Equal((false, false), (here.TryPeek(1, out _), here.TryPeek(2, out _)));
    });

    [Theory]
    [InlineData(null, false)]
    [InlineData("many", true)]
    public void A_large_transaction_collapses_into_one_change(string? tagOfMany, bool keepsOthers) => FeedRig.Run(async rig =>
    {
        var here = rig.Follow(k => k.Tags((key, _) => key < 100_000 ? ["many"] : []).ChangedBy(new RowRule<int> { Table = FeedRig.Table, KeyColumn = "id", RowsMax = 100, TagOfMany = tagOfMany }));
        (rig.Rows[5_000], rig.Rows[100_000]) = ("one of many", "another");
        await here.GetManyAsync([5_000, 100_000]);
        rig.Write([.. Enumerable.Range(1, 10_000).Select(id => (id, (string?)"x", 0))]);
        Assert.Equal((false, keepsOthers), (here.TryPeek(5_000, out _), here.TryPeek(100_000, out _)));
        Assert.True(rig.Statistics.Changes <= 101, $"{rig.Statistics.Changes} changes");
        Assert.Equal(10_000, rig.Statistics.Rows);
    });

    [Fact]
    public void What_comes_while_the_shared_tier_is_busy_goes_with_the_next_change() => FeedRig.Run(rig =>
    {
        var tier = rig.Caches.Faulty();
        rig.Follow(tier: tier);
        rig.Caches.Settle();
        var gate = tier.Operations.Gate(Millpond.Testing.Faults.SharedOperation.Change, Millpond.Testing.Faults.FaultPoint.BeforeEffect);
        for (var i = 0; i < 1_000; i++)
        {
            rig.Write(i % 10, "x");
        }

        gate.Release();
        rig.Caches.Settle();
        var applied = rig.Heard.All<FeedApplied>().ToList();
        Assert.Equal((1_000, 11), (applied.Sum(one => one.Transactions), applied.Sum(one => one.Changes)));
        Assert.Equal(2, applied.Count);
        Assert.All(rig.Heard.All<Changed>(), change => Assert.True(change.Origin is ChangeOrigin.Feed or ChangeOrigin.Heard));
        Assert.Contains(rig.Heard.All<Changed>(), change => change.Origin == ChangeOrigin.Feed);
        return Task.CompletedTask;
    });

    [Fact]
    public void Statistics_and_signs_of_life_say_how_far_it_is() => FeedRig.Run(rig =>
    {
        rig.Follow();
        rig.Write(7, "a");
        rig.Caches.Advance(TimeSpan.FromSeconds(2));
        var seen = rig.Statistics;

        // The doubt is that of the first start, when nothing is known of what was before.
        Assert.Equal(("shop", FeedState.Following, 1L, 1L, 1L, 1L, "1"), (seen.Name, seen.State, seen.Transactions, seen.Rows, seen.Changes, seen.Doubts, seen.Confirmed));
        Assert.InRange(seen.Lag!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        rig.Log.Stop();
        rig.Caches.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(FeedState.Failing, rig.Statistics.State);
        Assert.InRange(rig.Statistics.Lag!.Value, TimeSpan.FromSeconds(19), TimeSpan.FromSeconds(23));
        return Task.CompletedTask;
    });
}
