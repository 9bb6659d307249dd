using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Faces;

public sealed class DistributedCaching
{
    private const long Held = 1 << 22;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(0)]
    [InlineData(Held)]
    public void Values_are_copied_in_and_out(long sharedBytes) => Caches.Run(async caches =>
    {
        var cache = Add(caches);
        byte[] mine = [1, 2, 3];
        await cache.SetAsync("key", mine, new());
        mine[0] = 9;
        (await cache.GetAsync("key"))![1] = 9;

        Assert.Equal([1, 2, 3], await cache.GetAsync("key"));
        Assert.Null(await cache.GetAsync("other"));
    }, sharedBytes);

    [Fact]
    public void Another_process_reads_what_was_set_and_no_longer_what_was_removed() => Caches.Run(async caches =>
    {
        var here = Add(caches);
        var there = Add(caches);
        await here.SetStringAsync("key", "first");
        Assert.Equal("first", await there.GetStringAsync("key"));

        await here.SetStringAsync("key", "second");
        Assert.Equal("second", await there.GetStringAsync("key"));
        await there.RemoveAsync("key");
        Assert.Null(await here.GetStringAsync("key"));
    }, Held);

    [Fact]
    public void Buffers_are_written_and_read_without_an_array_between() => Caches.Run(async caches =>
    {
        var cache = (IBufferDistributedCache)Add(caches);
        var first = new Segment([1, 2]);
        var last = first.Append([3]);
        await cache.SetAsync("async", new ReadOnlySequence<byte>(first, 0, last, 1), new DistributedCacheEntryOptions());
        cache.Set("sync", new ReadOnlySequence<byte>([4, 5]), new DistributedCacheEntryOptions());
        var destination = new ArrayBufferWriter<byte>();

        Assert.True(await cache.TryGetAsync("async", destination));
        Assert.True(cache.TryGet("sync", destination));
        Assert.False(cache.TryGet("other", destination));
        Assert.False(await cache.TryGetAsync("other", destination));
        Assert.Equal([1, 2, 3, 4, 5], destination.WrittenSpan.ToArray());
    });

    [Theory]
    [InlineData(0)]
    [InlineData(Held)]
    public void The_synchronous_methods_do_what_the_others_do(long sharedBytes) => Caches.Run(
        caches =>
        {
            var cache = Add(caches);
            cache.Set("key", [1], new() { SlidingExpiration = 10 * Minute });
            caches.Advance(9 * Minute);
            cache.Refresh("key");
            caches.Advance(9 * Minute);
            Assert.Equal([1], cache.Get("key")!);
            cache.Remove("key");
            Assert.Null(cache.Get("key"));
            return Task.CompletedTask;
        },
        sharedBytes);

    [Theory]
    [InlineData(0)]
    [InlineData(Held)]
    public void Absolute_expirations_are_kept_to_the_second_and_the_earlier_one_counts(long sharedBytes) => Caches.Run(async caches =>
    {
        var cache = Add(caches);
        var now = caches.Surroundings.Time.GetUtcNow();
        await cache.SetAsync("relative", [1], new() { AbsoluteExpirationRelativeToNow = 10 * Minute, AbsoluteExpiration = now + (20 * Minute) });
        await cache.SetAsync("point", [1], new() { AbsoluteExpiration = now + (10 * Minute), AbsoluteExpirationRelativeToNow = 20 * Minute });

        caches.Advance((10 * Minute) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await cache.GetAsync("relative"));
        Assert.NotNull(await cache.GetAsync("point"));
        caches.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await cache.GetAsync("relative"));
        Assert.Null(await cache.GetAsync("point"));
    }, sharedBytes);

    [Fact]
    public void An_absolute_expiration_in_the_past_is_refused() => Caches.Run(async caches =>
    {
        var cache = Add(caches);
        var past = new DistributedCacheEntryOptions { AbsoluteExpiration = caches.Surroundings.Time.GetUtcNow() - Minute };

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => cache.SetAsync("key", [1], past));
    });

    [Theory]
    [InlineData(0)]
    [InlineData(Held)]
    public void A_sliding_entry_lives_while_it_is_read_in_any_process_and_never_past_its_absolute_end(long sharedBytes) => Caches.Run(async caches =>
    {
        var cache = Add(caches);
        await cache.SetAsync("key", [1], new() { SlidingExpiration = 10 * Minute, AbsoluteExpirationRelativeToNow = 35 * Minute });

        for (var read = 0; read < 3; read++)
        {
            caches.Advance((10 * Minute) - TimeSpan.FromSeconds(1));
            Assert.NotNull(await cache.GetAsync("key"));
        }

        caches.Advance(6 * Minute);
        Assert.Null(await cache.GetAsync("key"));
    }, sharedBytes);

    [Theory]
    [InlineData(0)]
    [InlineData(Held)]
    public void A_sliding_entry_goes_when_nobody_reads_it_and_not_before(long sharedBytes) => Caches.Run(async caches =>
    {
        var cache = Add(caches);
        await cache.SetAsync("read early", [1], new() { SlidingExpiration = 10 * Minute });
        await cache.SetAsync("left alone", [1], new() { SlidingExpiration = 10 * Minute });
        caches.Advance(4 * Minute);
        Assert.NotNull(await cache.GetAsync("read early"));

        caches.Advance((10 * Minute) - TimeSpan.FromSeconds(1));
        Assert.NotNull(await cache.GetAsync("read early"));
        Assert.Null(await cache.GetAsync("left alone"));
        caches.Advance(10 * Minute);
        Assert.Null(await cache.GetAsync("read early"));
    }, sharedBytes);

    [Fact]
    public void Without_an_expiration_an_entry_lives_for_the_keyspaces_time() => Caches.Run(async caches =>
    {
        var cache = Add(caches);
        await cache.SetAsync("key", [1], new());

        caches.Advance(TimeSpan.FromDays(30) - Minute);
        Assert.NotNull(await cache.GetAsync("key"));
        caches.Advance(Minute);
        Assert.Null(await cache.GetAsync("key"));
    });

    [Fact]
    public void Its_keyspace_can_be_declared_otherwise() => Caches.Run(async caches =>
    {
        var cache = caches.Add(m => m.AsDistributedCache(k => k.TimeToLive(Minute)).AsDistributedCache(k => k.Limits(l => l.KeyBytesMax = 5))).GetRequiredService<IDistributedCache>();
        await cache.SetAsync("key", [1], new());

        caches.Advance(Minute);

        Assert.Null(await cache.GetAsync("key"));
        Assert.Equal(ErrorCode.KeyLength, (await Assert.ThrowsAsync<MillpondException>(() => cache.GetAsync("longer"))).Code);
    });

    private static IDistributedCache Add(Caches caches)
    {
        var services = caches.Add(m => m.AsDistributedCache());
        Assert.Same(services.GetRequiredService<IDistributedCache>(), services.GetRequiredService<IBufferDistributedCache>());
        return services.GetRequiredService<IDistributedCache>();
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes) => Memory = bytes;

        public Segment Append(byte[] bytes)
        {
            var next = new Segment(bytes) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
