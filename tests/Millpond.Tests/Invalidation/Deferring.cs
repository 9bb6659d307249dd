using Millpond.Events;
using Millpond.Invalidation;
using Millpond.Shared;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Invalidation;

/// <summary>Changes while the shared tier is away: never lost, never believed undone.</summary>
public sealed class Deferring
{
    [Fact]
    public void A_change_returns_and_this_process_never_reads_the_old_value_again() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var tier = caches.Faulty();
        var heard = new Heard();
        var (here, there) = (caches.Add(source, tier: tier, heard: heard), caches.Add(source));
        await here.GetAsync(7);
        tier.Operations.IsDown = true;
        source[7] = "new";

        await here.InvalidateAsync(7);
        Assert.Equal("new", await here.GetAsync(7));
        Assert.Equal("old", await there.GetAsync(7));
        Assert.True((await here.ExplainAsync(7)).ChangeWaits);
        Assert.Contains("A change of the key waits for the shared tier.", (await here.ExplainAsync(7)).ToString(), StringComparison.Ordinal);

        // The tier is back before the change is told: what it holds is not believed.
        caches.Advance(TimeSpan.FromSeconds(5));
        source[7] = "newest";
        tier.Operations.IsDown = false;
        Assert.Equal("newest", (await here.ReadAsync(7, ReadOptions.AtMost(TimeSpan.Zero))).Value);

        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.False((await here.ExplainAsync(7)).ChangeWaits);
        Assert.Equal("newest", await there.GetAsync(7));
        Assert.Equal(0, heard.All<ChangeDeferred>().Last().Waiting);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void After_however_long_an_outage_a_change_is_told_within_a_second_and_a_half() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var tier = caches.Faulty();
        var (here, there) = (caches.Add(source, tier: tier), caches.Add(source));
        await there.GetAsync(7);
        tier.Operations.IsDown = true;
        source[7] = "new";
        await here.InvalidateAsync(7);
        caches.Advance(TimeSpan.FromMinutes(2));
        Assert.True((await here.ExplainAsync(7)).ChangeWaits);

        tier.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromMilliseconds(1_500));
        Assert.False((await here.ExplainAsync(7)).ChangeWaits);
        Assert.Equal("new", await there.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_process_that_ends_tells_what_waits_first() => Caches.Run(async caches =>
    {
        var (here, there, tier) = await caches.CutOffWithNewsAsync();
        await here.InvalidateAsync(7);
        caches.Advance(TimeSpan.FromMinutes(2));
        tier.Operations.IsDown = false;
        await caches.EndAsync(0);
        Assert.Equal("new", await there.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_tier_that_comes_back_while_a_process_ends_is_told() => Caches.Run(async caches =>
    {
        var (here, there, tier) = await caches.CutOffWithNewsAsync();
        await here.InvalidateAsync(7);
        caches.Advance(TimeSpan.FromMinutes(2));
        var ending = caches.EndAsync(0);
        caches.Advance(TimeSpan.FromMilliseconds(500));
        Assert.False(ending.IsCompleted);
        tier.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromMilliseconds(150));
        Assert.True(ending.IsCompleted);
        Assert.Equal("new", await there.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_tier_that_stays_away_keeps_no_process_from_ending() => Caches.Run(async caches =>
    {
        var (here, _, _) = await caches.CutOffWithNewsAsync();
        await here.InvalidateAsync(7);
        var ending = caches.EndAsync(0);
        caches.Advance(TimeSpan.FromMilliseconds(1_900));
        Assert.False(ending.IsCompleted);
        caches.Advance(TimeSpan.FromMilliseconds(200));
        Assert.True(ending.IsCompleted);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_change_of_a_tag_is_deferred_as_a_whole() => Caches.Run(async caches =>
    {
        var (here, there, tier) = await caches.CutOffWithNewsAsync();

        await here.InvalidateTagAsync("t7");
        Assert.Equal("new", await here.GetAsync(7));
        Assert.Equal("old", await here.GetAsync(8));
        Assert.Equal("old", await there.GetAsync(7));
        tier.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("new", await there.GetAsync(7));
        Assert.Equal("old", await there.GetAsync(8));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_set_while_the_tier_is_away_succeeds_and_invalidates() => Caches.Run(async caches =>
    {
        var tier = caches.Faulty();
        var here = caches.Add(m => m.AddKeyspace<int, string>("thing", _ => { }), tier).Keyspace<int, string>("thing");
        var there = caches.Add(m => m.AddKeyspace<int, string>("thing", _ => { })).Keyspace<int, string>("thing");
        await here.SetAsync(7, "old");
        tier.Operations.IsDown = true;

        await here.SetAsync(7, "new");
        Assert.Null(await here.GetAsync(7));
        tier.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(await there.GetAsync(7));
        await here.SetAsync(7, "newest");
        Assert.Equal("newest", await there.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_write_while_the_tier_is_away_succeeds_and_invalidates() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var tier = caches.Faulty();
        var (here, there) = (caches.Add(source, tier: tier), caches.Add(source));
        await here.GetAsync(7);
        tier.Operations.IsDown = true;

        var ticket = await here.BeginWriteAsync(7);
        source[7] = "new";
        Assert.False(await ticket.SetAsync("new"));
        Assert.Equal("new", await here.GetAsync(7));
        tier.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("new", await there.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Changes_are_told_in_order_and_once_the_tier_answers() => Caches.Run(caches =>
    {
        var (tier, deferred, heard, _) = Alone(caches);
        tier.Operations.IsDown = true;
        deferred.Add(Partition, [Change.OfKey("a"), Change.OfScope("#t")], new SharedTierException("down"));
        deferred.Add(Partition, [Change.OfKey("b")], new SharedTierException("down"));
        Assert.Equal(3, deferred.Count);
        Assert.True(deferred.Covers(new SharedKey(Partition, "anything")));
        Assert.False(deferred.Covers(new SharedKey(new("other", 0), "a")));

        caches.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(3, deferred.Count);
        Assert.NotEmpty(heard.All<SharedTierFailed>());
        tier.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, deferred.Count);
        Assert.False(deferred.Covers(new SharedKey(Partition, "a")));
        Assert.Equal(["a", "#t", "b"], Told(caches));
        return Task.CompletedTask;
    });

    [Fact]
    public void Only_the_keys_that_wait_are_covered() => Caches.Run(caches =>
    {
        var (tier, deferred, _, _) = Alone(caches);
        tier.Operations.IsDown = true;
        deferred.Add(Partition, [Change.OfKey("a")], new SharedTierException("down"));
        Assert.True(deferred.Covers(new SharedKey(Partition, "a")));
        Assert.False(deferred.Covers(new SharedKey(Partition, "b")));
        return Task.CompletedTask;
    });

    [Fact]
    public void Too_many_merge_into_a_change_of_everything_and_none_is_lost() => Caches.Run(caches =>
    {
        var (tier, deferred, _, _) = Alone(caches);
        tier.Operations.IsDown = true;
        deferred.Add(Partition, [.. Enumerable.Range(0, DeferredChanges.ChangesMax).Select(n => Change.OfKey("k" + n))], new SharedTierException("down"));
        Assert.Equal(DeferredChanges.ChangesMax, deferred.Count);
        deferred.Add(Partition, [Change.OfKey("one more")], new SharedTierException("down"));

        Assert.Equal(1, deferred.Count);
        Assert.True(deferred.Covers(new SharedKey(Partition, "k5")));
        tier.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([""], Told(caches));
        return Task.CompletedTask;
    });

    [Fact]
    public void What_comes_while_the_others_are_being_told_is_told_after_them() => Caches.Run(caches =>
    {
        var (tier, deferred, _, _) = Alone(caches);
        var reply = tier.Operations.Gate(SharedOperation.Change, FaultPoint.AfterEffect);
        deferred.Add(Partition, [Change.OfKey("a")], new SharedTierException("down"));
        caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, reply.HeldCount);
        deferred.Add(Partition, [Change.OfKey("b")], new SharedTierException("down"));
        reply.Release();
        Assert.Equal(1, deferred.Count);
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["a", "b"], Told(caches));
        return Task.CompletedTask;
    });

    [Fact]
    public void Nothing_is_told_after_disposal() => Caches.Run(caches =>
    {
        var (tier, deferred, _, life) = Alone(caches);
        tier.Operations.IsDown = true;
        deferred.Add(Partition, [Change.OfKey("a")], new SharedTierException("down"));
        caches.Settle();
        life.Cancel();
        tier.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(Told(caches));
        return Task.CompletedTask;
    });

    private static readonly PartitionId Partition = new("millpond:thing:v1", 0);

    private static (FaultySharedTier Tier, DeferredChanges Deferred, Heard Heard, CancellationTokenSource Life) Alone(Caches caches)
    {
        var (tier, heard, life) = (caches.Faulty(), new Heard(), new CancellationTokenSource());
        return (tier, new DeferredChanges(tier, caches.Surroundings, heard, life.Token), heard, life);
    }

    private static IEnumerable<string> Told(Caches caches)
    {
        var none = caches.Shared.ReadControlAsync(Partition, 0, Incarnation.Unknown, default).Result;
        var reply = caches.Shared.ReadControlAsync(Partition, 0, none.State.Incarnation, default).Result;
        return reply.ChangesSince!.Select(change => change.Change.Name);
    }
}
