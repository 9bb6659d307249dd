using Microsoft.Extensions.DependencyInjection;
using Millpond.Events;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Invalidation;

/// <summary>Purges: what somebody outside names as text becomes stale in every process, whole or not at all.</summary>
public sealed class Purging
{
    [Fact]
    public void Keys_and_tags_by_name_are_stale_in_every_process_and_others_are_not() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old", [8] = "old", [9] = "old" };
        void Declare(KeyspaceBuilder<int, string> k) => k.Tags((key, _) => ["t" + key]);
        var heard = new Heard();
        var (here, there) = (caches.Add(source, Declare, heard: heard), caches.Add(source, Declare));
        foreach (var things in (IKeyspace<int, string>[])[here, there])
        {
            await things.GetManyAsync([7, 8, 9]);
        }

        (source[7], source[8], source[9]) = ("new", "new", "new");
        var result = await caches.Cache(0).PurgeAsync(new() { Keyspace = "thing", Keys = ["7", "7"], Tags = ["t8"] });
        Assert.Equal((1, 1, false, true), (result.Keys, result.Tags, result.All, result.IsTold));
        foreach (var things in (IKeyspace<int, string>[])[here, there])
        {
            Assert.Equal(("new", "new", "old"), (await things.GetAsync(7), await things.GetAsync(8), await things.GetAsync(9)));
        }

        Assert.Equal(2, heard.All<Changed>().Count(change => change.Origin == ChangeOrigin.Purge));
        Assert.DoesNotContain(heard.All<Changed>(), change => change.Origin == ChangeOrigin.Made);
        Assert.True((await caches.Cache(1).PurgeAsync(new() { Keyspace = "thing", All = true })).All);
        Assert.Equal("new", await here.GetAsync(9));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_load_that_began_before_a_purge_is_not_kept_after_it() => Caches.Run(async caches =>
    {
        var (value, gate) = ("old", caches.Surroundings.NewCompletion<bool>());
        var things = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.Load(async (_, _) =>
        {
            var read = value;
            await gate.Task;
            return read;
        }))).GetRequiredService<IKeyspace<int, string>>();
        var reading = things.GetAsync(7).AsTask();
        caches.Settle();
        value = "new";
        await caches.Cache(0).PurgeAsync(new() { Keyspace = "thing", Keys = ["7"] });
        gate.SetResult(true);
        Assert.Equal("old", await reading);
        Assert.Equal("new", await things.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void One_key_that_cannot_be_read_refuses_the_whole_purge_and_is_told() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source);
        await things.GetAsync(7);
        var refused = await Assert.ThrowsAsync<PurgeException>(() => caches.Cache(0).PurgeAsync(new() { Keyspace = "thing", Keys = ["7", "seven", "07", null!], All = true }).AsTask());
        Assert.Equal(["seven", "07", ""], refused.UnreadableKeys);
        Assert.Equal((ErrorCode.PurgeUnreadable, "thing"), (refused.Code, refused.Keyspace));
        Assert.Contains("places 1, 2, 3", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("seven", refused.Message, StringComparison.Ordinal);
        Assert.True(things.TryPeek(7, out _));
    });

    [Fact]
    public void Strings_are_written_with_their_escapes_and_records_with_colons() => Caches.Run(async caches =>
    {
        var provider = caches.Add(m => m
            .AddKeyspace<string, string>("page", k => k.Load((key, _) => new(key)))
            .AddKeyspace<(int Shop, string Name), string>("shelf", k => k.Load((key, _) => new(key.Name))));
        var (pages, shelves) = (provider.GetRequiredService<IKeyspace<string, string>>(), provider.GetRequiredService<IKeyspace<(int, string), string>>());
        await pages.GetAsync("a b:c");
        await shelves.GetAsync((4, "x y"));
        await Assert.ThrowsAsync<PurgeException>(() => caches.Cache(0).PurgeAsync(new() { Keyspace = "page", Keys = ["a b:c"] }).AsTask());
        await caches.Cache(0).PurgeAsync(new() { Keyspace = "page", Keys = ["a%20b%3Ac"] });
        await caches.Cache(0).PurgeAsync(new() { Keyspace = "shelf", Keys = ["4:x%20y"] });
        Assert.False(pages.TryPeek("a b:c", out _));
        Assert.False(shelves.TryPeek((4, "x y"), out _));
    });

    [Fact]
    public void A_tenants_purge_leaves_the_others() => Caches.Run(async caches =>
    {
        var docs = caches.Add(m => m.AddTenantKeyspace<int, string>("doc", k => k.Tags((_, _) => ["kind"]).Load((key, _) => new($"{key}"))))
            .GetRequiredService<ITenantKeyspace<int, string>>();
        var (ann, bob) = (docs.ForTenant("ann"), docs.ForTenant("bob"));
        await FillAsync();
        await PurgeAsync(new() { Keyspace = "doc", Tenant = "ann", Keys = ["1"] });
        Assert.Equal((false, true, true), Held());
        await FillAsync();
        await PurgeAsync(new() { Keyspace = "doc", Tenant = "ann", Tags = ["kind"] });
        Assert.Equal((false, false, true), Held());
        await FillAsync();
        await PurgeAsync(new() { Keyspace = "doc", Tenant = "ann", All = true });
        Assert.Equal((false, false, true), Held());
        await PurgeAsync(new() { Keyspace = "doc", All = true });
        Assert.Equal((false, false, false), Held());

        await RefusedAsync(new() { Keyspace = "doc", Keys = ["1"] }, "without their tenant");
        await RefusedAsync(new() { Keyspace = "doc", Tags = ["kind"] }, "without their tenant");

        ValueTask<PurgeResult> PurgeAsync(Purge purge) => caches.Cache(0).PurgeAsync(purge);
        (bool, bool, bool) Held() => (ann.TryPeek(1, out _), ann.TryPeek(2, out _), bob.TryPeek(1, out _));
        async Task FillAsync()
        {
            await ann.GetManyAsync([1, 2]);
            await bob.GetAsync(1);
        }

        async Task RefusedAsync(Purge purge, string why) => Assert.Contains(why, (await Assert.ThrowsAsync<PurgeException>(() => PurgeAsync(purge).AsTask())).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void What_cannot_be_meant_is_refused() => Caches.Run(async caches =>
    {
        caches.Add(new Source());
        await RefusedAsync(new() { Keyspace = "thing" }, ErrorCode.PurgeUnreadable);
        await RefusedAsync(new() { Keyspace = "thing", Tenant = "ann", All = true }, ErrorCode.PurgeUnreadable);
        await RefusedAsync(new() { Keyspace = "things", All = true }, ErrorCode.UnknownKeyspace);
        await RefusedAsync(new() { Keyspace = "thing", Tags = [""] }, ErrorCode.KeyLength);
        await RefusedAsync(new() { Keyspace = "thing", Tags = ["a\nb"] }, ErrorCode.KeyCharacters);
        await RefusedAsync(new() { Keyspace = "thing", Keys = [.. Enumerable.Range(0, Purge.NamesMax + 1).Select(i => $"{i}")] }, ErrorCode.TooMany);
        await caches.Cache(0).PurgeAsync(new() { Keyspace = "thing", Keys = [.. Enumerable.Range(0, Purge.NamesMax).Select(i => $"{i}")] });

        async Task RefusedAsync(Purge purge, ErrorCode code) => Assert.Equal(code, (await Assert.ThrowsAnyAsync<MillpondException>(() => caches.Cache(0).PurgeAsync(purge).AsTask())).Code);
    });

    [Fact]
    public void While_the_shared_tier_is_away_a_purge_says_so_and_is_told_later() => Caches.Run(async caches =>
    {
        var (here, there, tier) = await caches.CutOffWithNewsAsync();
        Assert.False((await caches.Cache(0).PurgeAsync(new() { Keyspace = "thing", Keys = ["7"] })).IsTold);
        Assert.False((await caches.Cache(0).PurgeAsync(new() { Keyspace = "thing", Tags = ["t8"] })).IsTold);
        Assert.Equal(("new", "new"), (await here.GetAsync(7), await here.GetAsync(8)));
        Assert.Equal(("old", "old"), (await there.GetAsync(7), await there.GetAsync(8)));

        tier.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(("new", "new"), (await there.GetAsync(7), await there.GetAsync(8)));
        Assert.True((await caches.Cache(0).PurgeAsync(new() { Keyspace = "thing", Keys = ["7"] })).IsTold);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Whoever_stops_waiting_does_not_stop_the_purge() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var tier = caches.Faulty();
        var (_, there) = (caches.Add(source, tier: tier), caches.Add(source));
        await there.GetAsync(7);
        source[7] = "new";
        var gate = tier.Operations.Gate(SharedOperation.Change, FaultPoint.BeforeEffect);
        using var impatience = new CancellationTokenSource();
        var purging = caches.Cache(0).PurgeAsync(new() { Keyspace = "thing", Keys = ["7"] }, impatience.Token).AsTask();
        caches.Settle();
        impatience.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => purging);
        gate.Release();
        caches.Settle();
        Assert.Equal("new", await there.GetAsync(7));
    }, sharedBytes: 1 << 20);
}
