using System.Buffers;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Millpond.Tests.Faces;

/// <summary>
/// What Microsoft's page "HybridCache library in ASP.NET Core" shows, with the one registration line changed. The source counts its calls; where the page
/// uses protobuf, a serializer of our own stands in.
/// </summary>
public sealed class DocumentedExamples
{
    [Fact]
    public async Task Register_the_service_and_get_by_the_main_overload()
    {
        var services = new ServiceCollection();
        services.AddMillpondHybridCache();
        services.AddSingleton<PeopleSource>();
        services.AddSingleton<PeopleService>();
        await using var provider = services.BuildServiceProvider();
        var people = provider.GetRequiredService<PeopleService>();

        Assert.Equal("someinfo-tom-42", await people.GetSomeInfoAsync("tom", 42));
        Assert.Equal("someinfo-tom-42", await people.GetSomeInfoAsync("tom", 42));
        Assert.Equal("someinfo-tom-43", await people.GetSomeInfoAsync("tom", 43));
        Assert.Equal(2, provider.GetRequiredService<PeopleSource>().Calls);
    }

    [Fact]
    public async Task Get_by_the_alternative_overload_with_state()
    {
        await using var provider = Provider();
        var cache = provider.GetRequiredService<HybridCache>();
        var source = new PeopleSource();

        for (var n = 0; n < 2; n++)
        {
            var (name, id) = ("tom", 42);
            Assert.Equal("someinfo-tom-42", await cache.GetOrCreateAsync(
                $"{name}-{id}",
                (name, id, source),
                static async (state, token) => await state.source.GetAsync(state.name, state.id, token),
                cancellationToken: CancellationToken.None));
        }

        Assert.Equal(1, source.Calls);
    }

    [Fact]
    public async Task Keys_of_the_shapes_that_the_page_recommends()
    {
        await using var provider = Provider();
        var cache = provider.GetRequiredService<HybridCache>();
        var (region, orderId, userId) = ("north", 123, 7);

        Assert.Equal("order", await cache.GetOrCreateAsync($"/orders/{region}/{orderId}", _ => new ValueTask<string>("order")));
        Assert.Equal("prefs", await cache.GetOrCreateAsync($"user_prefs_{userId}", _ => new ValueTask<string>("prefs")));
        Assert.Equal("order", await cache.GetOrCreateAsync($"/orders/{region}/{orderId}", _ => new ValueTask<string>("unused")));
        Assert.Equal("prefs", await cache.GetOrCreateAsync("user_prefs_7", _ => new ValueTask<string>("unused")));
    }

    [Fact]
    public async Task SetAsync_stores_without_looking_first()
    {
        await using var provider = Provider();
        var cache = provider.GetRequiredService<HybridCache>();
        await cache.SetAsync("key", "set");
        Assert.Equal("set", await cache.GetOrCreateAsync("key", _ => new ValueTask<string>("unused")));
    }

    [Fact]
    public async Task RemoveAsync_by_key_and_by_keys()
    {
        await using var provider = Provider();
        var cache = provider.GetRequiredService<HybridCache>();
        await cache.SetAsync("one", "old");
        await cache.SetAsync("two", "old");
        await cache.RemoveAsync("one");
        await cache.RemoveAsync(["two"]);
        Assert.Equal("new", await cache.GetOrCreateAsync("one", _ => new ValueTask<string>("new")));
        Assert.Equal("new", await cache.GetOrCreateAsync("two", _ => new ValueTask<string>("new")));
    }

    [Fact]
    public async Task Tags_and_options_for_one_entry_and_RemoveByTagAsync()
    {
        await using var provider = Provider();
        var cache = provider.GetRequiredService<HybridCache>();
        var source = new PeopleSource();
        async Task<string> GetAsync() => await cache.GetOrCreateAsync(
            "tom-42",
            async cancel => await source.GetAsync("tom", 42, cancel),
            new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(1), LocalCacheExpiration = TimeSpan.FromMinutes(1) },
            new List<string> { "tag1", "tag2", "tag3" },
            cancellationToken: CancellationToken.None);

        await GetAsync();
        await GetAsync();
        Assert.Equal(1, source.Calls);
        await cache.RemoveByTagAsync("tag2");
        await GetAsync();
        Assert.Equal(2, source.Calls);
        await cache.RemoveByTagAsync(["tag1", "unknown"]);
        await GetAsync();
        Assert.Equal(3, source.Calls);
        await cache.RemoveByTagAsync("*");
        await GetAsync();
        Assert.Equal(4, source.Calls);
    }

    [Fact]
    public async Task Options_for_all_entries()
    {
        var services = new ServiceCollection();
        services.AddMillpondHybridCache(options =>
        {
            options.MaximumPayloadBytes = 1024 * 1024;
            options.MaximumKeyLength = 1024;
            options.DefaultEntryOptions = new HybridCacheEntryOptions { Expiration = TimeSpan.FromMinutes(5), LocalCacheExpiration = TimeSpan.FromMinutes(5) };
        });
        await using var provider = services.BuildServiceProvider();
        var cache = provider.GetRequiredService<HybridCache>();

        Assert.Equal("value", await cache.GetOrCreateAsync("key", _ => new ValueTask<string>("value")));
        Assert.Equal("value", await cache.GetOrCreateAsync("key", _ => new ValueTask<string>("unused")));
    }

    [Fact]
    public async Task A_serializer_for_one_type_beside_the_default_for_the_others()
    {
        var services = new ServiceCollection();
        services.AddMillpondHybridCache(options => options.DefaultEntryOptions = new() { Expiration = TimeSpan.FromSeconds(10), LocalCacheExpiration = TimeSpan.FromSeconds(5) })
            .AddSerializer<PackedMessage, PackedSerializer>();
        await using var provider = services.BuildServiceProvider();

        await AssertSerialized(provider.GetRequiredService<HybridCache>());
    }

    [Fact]
    public async Task A_serializer_factory_for_the_types_it_claims()
    {
        var services = new ServiceCollection();
        services.AddMillpondHybridCache().AddSerializerFactory<PackedFactory>();
        await using var provider = services.BuildServiceProvider();

        await AssertSerialized(provider.GetRequiredService<HybridCache>());
    }

    [Fact]
    public async Task Reuse_of_an_instance_whose_type_is_sealed_and_says_that_it_is_immutable()
    {
        await using var provider = Provider();
        var cache = provider.GetRequiredService<HybridCache>();
        async Task<Weather> GetAsync() => await cache.GetOrCreateAsync("weather", _ => new ValueTask<Weather>(new Weather(21)));

        Assert.Same(await GetAsync(), await GetAsync());
    }

    [Fact]
    public async Task Stampede_protection_lets_one_of_many_concurrent_callers_load()
    {
        await using var provider = Provider();
        var cache = provider.GetRequiredService<HybridCache>();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = 0;

        Task<string>[] callers = [.. Enumerable.Range(0, 100).Select(_ => cache.GetOrCreateAsync(
            "key",
            async _ =>
            {
                await gate.Task;
                return $"loaded {Interlocked.Increment(ref calls)}";
            }).AsTask())];
        gate.SetResult();

        Assert.All(await Task.WhenAll(callers), value => Assert.Equal("loaded 1", value));
    }

    private static ServiceProvider Provider()
    {
        var services = new ServiceCollection();
        services.AddMillpondHybridCache();
        return services.BuildServiceProvider();
    }

    private static async Task AssertSerialized(HybridCache cache)
    {
        for (var n = 0; n < 2; n++)
        {
            var packed = await cache.GetOrCreateAsync("packed_42", _ => new ValueTask<PackedMessage>(new PackedMessage { Name = "Tom" }));
            var plain = await cache.GetOrCreateAsync("plain_42", _ => new ValueTask<PlainMessage>(new PlainMessage { Id = 42, Name = "Tom" }));
            Assert.Equal("Tom, unpacked", packed.Name);
            Assert.Equal((42, "Tom"), (plain.Id, plain.Name));
        }
    }

    private sealed class PeopleSource
    {
        public int Calls { get; private set; }

        public Task<string> GetAsync(string name, int id, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Calls++;
            return Task.FromResult($"someinfo-{name}-{id}");
        }
    }

    private sealed class PeopleService(HybridCache cache, PeopleSource source)
    {
        public async Task<string> GetSomeInfoAsync(string name, int id, CancellationToken token = default) =>
            await cache.GetOrCreateAsync($"{name}-{id}", async cancel => await source.GetAsync(name, id, cancel), cancellationToken: token);
    }

    private sealed class PlainMessage
    {
        public int Id { get; set; }

        public string? Name { get; set; }
    }

    private sealed class PackedMessage
    {
        public string? Name { get; set; }
    }

    [ImmutableObject(true)]
    private sealed record Weather(int Degrees);

    private sealed class PackedSerializer : IHybridCacheSerializer<PackedMessage>
    {
        public PackedMessage Deserialize(ReadOnlySequence<byte> source) => new() { Name = Encoding.UTF8.GetString(source) + ", unpacked" };

        public void Serialize(PackedMessage value, IBufferWriter<byte> target) => Encoding.UTF8.GetBytes(value.Name, target);
    }

    private sealed class PackedFactory : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = typeof(T) == typeof(PackedMessage) ? (IHybridCacheSerializer<T>)(object)new PackedSerializer() : null;
            return serializer is not null;
        }
    }
}
