using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

public sealed class BatchReads
{
    private static Source Numbers(int count)
    {
        var source = new Source();
        for (var key = 0; key < count; key++)
        {
            source[key] = "v" + key;
        }

        return source;
    }

    private static IKeyspace<int, string> Batched(Caches caches, Source source, Action<KeyspaceBuilder<int, string>>? more = null) => caches.Add(source, k =>
    {
        k.LoadMany(source.LoadManyAsync);
        more?.Invoke(k);
    });

    [Fact]
    public void What_is_missing_is_loaded_in_one_batch() => Caches.Run(async caches =>
    {
        var source = Numbers(10);
        var things = Batched(caches, source);
        await things.GetAsync(3);

        var found = await things.GetManyAsync([1, 2, 3, 4, 2, 99]);

        Assert.Equal([1, 2, 3, 4], found.Keys.Order());
        Assert.All(found, pair => Assert.Equal("v" + pair.Key, pair.Value));
        Assert.Equal([1, 2, 4, 99], Assert.Single(source.Asked).Order());
        Assert.Equal(1, source.Loads);

        Assert.Equal(4, (await things.GetManyAsync([1, 2, 3, 4, 99])).Count);
        Assert.Equal(1, source.Batches);
    });

    [Fact]
    public void Local_hits_shared_hits_flights_of_others_absences_and_misses_meet_in_one_call() => Caches.Run(async caches =>
    {
        var source = Numbers(10);
        source[5] = null;
        var there = Batched(caches, source);
        var here = Batched(caches, source);
        await there.GetAsync(1);
        await there.GetAsync(5);
        await here.GetAsync(2);
        source.Hold();
        var otherHere = here.GetAsync(3).AsTask();
        var otherThere = there.GetAsync(4).AsTask();
        source[1] = source[2] = "changed unseen";

        var read = here.GetManyAsync([1, 2, 3, 4, 5, 6, 6, 8]).AsTask();
        caches.Settle();
        Assert.Equal([6, 8], Assert.Single(source.Asked));
        Assert.False(read.IsCompleted);
        source.Release();
        caches.Settle();
        var found = await read;

        Assert.Equal([1, 2, 3, 4, 6, 8], found.Keys.Order());
        Assert.All(found, pair => Assert.Equal("v" + pair.Key, pair.Value));
        Assert.Equal("v3", await otherHere);
        Assert.Equal("v4", await otherThere);
        Assert.Equal((5, 1), (source.Loads, source.Batches));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Without_a_batch_loader_each_missing_key_is_loaded_by_itself() => Caches.Run(async caches =>
    {
        var source = Numbers(4);
        var things = caches.Add(source);
        Assert.Equal(4, (await things.GetManyAsync([0, 1, 2, 3])).Count);
        Assert.Equal(4, source.Loads);
    });

    [Fact]
    public void A_batch_loader_serves_single_reads_where_there_is_no_other() => Caches.Run(async caches =>
    {
        var source = Numbers(4);
        var things = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.LoadMany(source.LoadManyAsync))).Keyspace<int, string>("thing");
        Assert.Equal("v2", await things.GetAsync(2));
        Assert.Null(await things.GetAsync(77));
        Assert.Equal(2, source.Batches);
    });

    [Fact]
    public void Too_many_keys_are_refused_and_a_call_within_the_limit_works() => Caches.Run(async caches =>
    {
        var source = Numbers(4);
        var things = Batched(caches, source, k => k.Limits(l => l.BatchKeysMax = 3));

        await Expect.Error(ErrorCode.TooMany, () => things.GetManyAsync([0, 1, 2, 3]), "4 keys", "'thing'", "BatchKeysMax of 3", "several calls");
        Assert.Equal(0, source.Batches);
        Assert.Equal(3, (await things.GetManyAsync([0, 1, 2])).Count);
    });

    [Fact]
    public void A_bad_key_in_the_middle_leaves_nothing_stuck() => Caches.Run(async caches =>
    {
        var loads = 0;
        var things = caches.Add(m => m.AddKeyspace<string, string>("thing", k => k.Load((key, _) =>
        {
            loads++;
            return new("v" + key);
        }))).Keyspace<string, string>("thing");

        await Expect.Error(ErrorCode.KeyCharacters, () => things.GetManyAsync(["a", "b\0", "c"]), "U+0000", "position 1");
        Assert.Equal(0, loads);
        Assert.Equal(2, (await things.GetManyAsync(["a", "c"])).Count);
        Assert.Equal(2, loads);
    });

    [Fact]
    public void One_failing_key_fails_the_call_and_leaves_nothing_stuck() => Caches.Run(async caches =>
    {
        var broken = true;
        var things = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Load((key, _) =>
            broken && key == 2 ? throw new InvalidOperationException() : new("v" + key)))).Keyspace<int, string>("thing");

        await Expect.Error(ErrorCode.LoadFailed, () => things.GetManyAsync([1, 2, 3]));
        broken = false;
        Assert.Equal(3, (await things.GetManyAsync([1, 2, 3])).Count);
    });

    [Fact]
    public void A_batch_of_nothing_finds_nothing() => Caches.Run(async caches =>
        Assert.Empty(await Batched(caches, Numbers(1)).GetManyAsync([])));

    [Fact]
    public void One_lost_reply_within_a_batch_costs_the_others_no_lease() => Caches.Run(async caches =>
    {
        var source = Numbers(4);
        void Declare(KeyspaceBuilder<int, string> k) => k.TimeToLive(TimeSpan.FromSeconds(10)).Policy(p => p.StaleIfError = TimeSpan.FromHours(1));
        await caches.Add(source, Declare).GetManyAsync([2]);
        caches.Advance(TimeSpan.FromSeconds(20));
        var tier = caches.Faulty();
        var here = caches.Add(source, Declare, tier);
        await here.GetAsync(0);
        tier.Operations.FailNext(Testing.Faults.SharedOperation.Acquire, Testing.Faults.FaultPoint.BeforeEffect);

        Assert.Equal(3, (await here.GetManyAsync([1, 2, 3])).Count);

        var there = caches.Add(source, Declare);
        var loads = source.Loads;
        Assert.Equal(ReadOrigin.Shared, (await there.ReadAsync(1)).Origin);
        Assert.Equal(ReadOrigin.Shared, (await there.ReadAsync(3)).Origin);
        Assert.Equal(loads, source.Loads);
    }, sharedBytes: 1 << 20);
}
