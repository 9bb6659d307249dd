using System.Buffers;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;
using static Microsoft.Extensions.Caching.Hybrid.HybridCacheEntryFlags;

namespace Millpond.Tests.Faces;

/// <summary>Who shares an instance, and who gets a copy.</summary>
public sealed class HybridValues
{
    [Fact]
    public void Changing_a_list_that_was_returned_changes_nobody_elses() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        async Task<List<int>> Get() => await cache.GetOrCreateAsync("key", _ => new ValueTask<List<int>>([1, 2]));

        (await Get()).Add(3);
        (await Get()).Clear();

        Assert.Equal([1, 2], await Get());
    });

    [Fact]
    public void Callers_who_waited_for_one_load_get_copies_of_their_own() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        var gate = new TaskCompletionSource<List<int>>();
        Task<List<int>>[] callers = [.. Enumerable.Range(0, 3).Select(_ => cache.GetOrCreateAsync("key", gate, static async (g, _) => await g.Task).AsTask())];
        List<int> loaded = [1];
        gate.SetResult(loaded);

        var got = await Task.WhenAll(callers);

        Assert.Equal(4, got.Append(loaded).Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.All(got, list => Assert.Equal([1], list));
    });

    [Fact]
    public void Changing_a_list_after_it_was_set_changes_nothing() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        List<int> mine = [1];
        await cache.SetAsync("key", mine);
        mine.Add(2);

        Assert.Equal([1], await cache.LookAsync<List<int>>("key"));
    });

    [Fact]
    public void Changing_what_came_from_the_shared_tier_changes_nobody_elses() => Caches.Run(async caches =>
    {
        await caches.AddHybrid().SetAsync("key", new List<int> { 1 });
        var cache = caches.AddHybrid();
        await cache.GetOrCreateAsync("teaches the type", _ => new ValueTask<List<int>>([]));

        (await cache.LookAsync<List<int>>("key"))!.Add(2);
        (await cache.LookAsync<List<int>>("key", DisableDistributedCacheRead))!.Add(3);

        Assert.Equal([1], await cache.LookAsync<List<int>>("key", DisableDistributedCacheRead));
    }, HybridRig.Shared);

    [Fact]
    public void Bytes_are_copied_both_ways() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        byte[] mine = [1, 2, 3];
        await cache.SetAsync("key", mine);
        mine[0] = 9;
        (await cache.LookAsync<byte[]>("key"))![1] = 9;

        Assert.Equal([1, 2, 3], await cache.LookAsync<byte[]>("key"));
    });

    [Fact]
    public void A_record_is_copied_because_it_may_hold_what_can_be_changed() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        async Task<Order> Get() => await cache.GetOrCreateAsync("key", _ => new ValueTask<Order>(new Order(7, ["pen"])));

        (await Get()).Lines.Add("ink");

        Assert.NotSame(await Get(), await Get());
        Assert.Equal(["pen"], (await Get()).Lines);
    });

    [Fact]
    public void What_says_that_it_is_immutable_is_shared() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        async Task<T> Get<T>(string key, T value) => await cache.GetOrCreateAsync(key, value, static (v, _) => new ValueTask<T>(v));
        var text = new string('x', 3);
        var stated = new Stated(7);

        Assert.Same(text, await Get("text", text));
        Assert.Same(text, await Get("text", "unused"));
        Assert.Same(stated, await Get("stated", stated));
        Assert.Same(stated, await Get("stated", new Stated(8)));
        Assert.NotSame(await Get("open", new StatedOpen()), await Get("open", new StatedOpen()));
    });

    [Fact]
    public void Numbers_and_missing_values_come_back_as_they_are() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();

        Assert.Equal(0, await cache.GetOrCreateAsync("zero", _ => new ValueTask<int>(0)));
        Assert.Equal(0, await cache.GetOrCreateAsync("zero", _ => new ValueTask<int>(1)));
        Assert.Equal(5, await cache.GetOrCreateAsync("some", _ => new ValueTask<int?>(5)));
        Assert.Equal(5, await cache.LookAsync<int?>("some"));
        Assert.Null(await cache.GetOrCreateAsync("none", _ => new ValueTask<string?>((string?)null)));
        Assert.Null(await cache.GetOrCreateAsync("none", _ => new ValueTask<string?>("unused")));
    });

    [Fact]
    public void Setting_null_removes() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        await cache.SetAsync("key", "value");

        await cache.SetAsync<string?>("key", null);

        Assert.Equal("loaded", await cache.LoadAsync("key", "loaded"));
    });

    [Fact]
    public void A_key_has_one_type() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        await cache.LoadAsync("key", "text");

        var failure = await Assert.ThrowsAsync<MillpondException>(async () => await cache.LookAsync<List<int>>("key"));

        Assert.Equal(ErrorCode.ValueType, failure.Code);
        Assert.Contains("String", failure.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_value_that_cannot_be_serialized_and_might_be_changed_is_an_error_that_says_so() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();

        var failure = await Assert.ThrowsAnyAsync<MillpondException>(async () => await cache.GetOrCreateAsync("key", _ => new ValueTask<Func<int>>(() => 1)));

        Assert.Equal(ErrorCode.ValueCodec, failure.Code);
    });

    [Fact]
    public void A_serializer_that_was_registered_for_HybridCache_is_used() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid(more: services => services.AddSingleton<IHybridCacheSerializer<Order>>(new OrderSerializer()));

        var order = await cache.GetOrCreateAsync("key", _ => new ValueTask<Order>(new Order(7, ["pen"])));

        Assert.Equal(["read back"], order.Lines);
    });

    [Fact]
    public void A_hit_of_an_immutable_value_allocates_nothing_whatever_form_its_key_has() => Caches.Run(async caches =>
    {
        var cache = caches.AddHybrid();
        await cache.LoadAsync("key 7", "value");
        await cache.GetOrCreateAsync("number", 7, static (n, _) => new ValueTask<int>(n));

        Assert.Equal(0, Allocated(() => cache.GetOrCreateAsync("key 7", 1, static (_, _) => new ValueTask<string>("unused")).Result, "value"));
        Assert.Equal(0, Allocated(() => cache.GetOrCreateAsync("number", 1, static (n, _) => new ValueTask<int>(n)).Result, 7));
        Assert.Equal(0, Allocated(() => cache.GetOrCreateAsync("key 7", static _ => new ValueTask<string>("unused")).Result, "value"));
        Assert.Equal(0, Allocated(() => cache.GetOrCreateAsync("key 7".AsSpan(), 1, static (_, _) => new ValueTask<string>("unused")).Result, "value"));
        var id = "7";
        Assert.Equal(0, Allocated(() => cache.GetOrCreateAsync($"key {id}", 1, static (_, _) => new ValueTask<string>("unused")).Result, "value"));
    });

    private static long Allocated<T>(Func<T> hit, T expected)
    {
        for (var warm = 0; warm < 10_000; warm++)
        {
            Assert.Equal(expected, hit());
        }

        return Allocation.LeastOf(() =>
        {
            for (var n = 0; n < 1_000; n++)
            {
                _ = hit();
            }
        });
    }

    private sealed record Order(int Id, List<string> Lines);

    [ImmutableObject(true)]
    private sealed record Stated(int Id);

    [ImmutableObject(true)]
    [SuppressMessage("Performance", "CA1852:Seal internal types", Justification = "It is here because it is not sealed.")]
    private class StatedOpen
    {
        public int Id { get; init; }
    }

    private sealed class OrderSerializer : IHybridCacheSerializer<Order>
    {
        public Order Deserialize(ReadOnlySequence<byte> source) => new(source.FirstSpan[0], ["read back"]);

        public void Serialize(Order value, IBufferWriter<byte> target) => target.Write([(byte)value.Id]);
    }
}
