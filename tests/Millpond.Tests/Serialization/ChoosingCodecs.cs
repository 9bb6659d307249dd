using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Serialization;
using Xunit;

namespace Millpond.Tests.Serialization;

public class ChoosingCodecs
{
    private sealed record Stamp(int Number);

    private sealed class Own : IValueCodec<Stamp>
    {
        public uint Id => 7;

        public void Encode(Stamp value, IBufferWriter<byte> writer) => writer.Write<byte>([(byte)value.Number]);

        public Stamp Decode(ReadOnlyMemory<byte> payload) => new(payload.Span[0]);
    }

    private sealed class JsonFactory : IValueCodecFactory
    {
        public IValueCodec<T>? TryCreate<T>() => new JsonValueCodec<T>();
    }

    private sealed class OwnFactory(bool knows) : IValueCodecFactory
    {
        public IValueCodec<T>? TryCreate<T>() => knows ? new Own() as IValueCodec<T> : null;
    }

    private sealed class Hybrid : IHybridCacheSerializer<Stamp>
    {
        public void Serialize(Stamp value, IBufferWriter<byte> target) => target.Write<byte>([1, (byte)value.Number]);

        public Stamp Deserialize(ReadOnlySequence<byte> source) =>
            source.Length == 2 ? new(source.FirstSpan[1]) : throw new InvalidOperationException("secret");
    }

    private sealed class HybridFactory : IHybridCacheSerializerFactory
    {
        public bool TryCreateSerializer<T>([NotNullWhen(true)] out IHybridCacheSerializer<T>? serializer)
        {
            serializer = new Hybrid() as IHybridCacheSerializer<T>;
            return serializer is not null;
        }
    }

    [Fact]
    public void Without_services_the_type_decides()
    {
        var registry = new CodecRegistry();

        Assert.IsType<BytesCodec>(registry.For<byte[]>());
        Assert.IsType<BytesCodec>(registry.For<ReadOnlyMemory<byte>>());
        Assert.IsType<StringCodec>(registry.For<string>());
        Assert.IsType<Int64Codec>(registry.For<long>());
        Assert.IsType<JsonValueCodec<Stamp>>(registry.For<Stamp>());
    }

    [Fact]
    public void A_codec_of_ones_own_comes_first_then_factories_then_those_of_HybridCache()
    {
        var services = new ServiceCollection();
        Assert.IsType<JsonValueCodec<Stamp>>(Choice(services));
        services.AddSingleton<IHybridCacheSerializerFactory, HybridFactory>();
        Assert.IsType<HybridCodec<Stamp>>(Choice(services));
        services.AddSingleton<IValueCodecFactory>(new OwnFactory(knows: false));
        Assert.IsType<HybridCodec<Stamp>>(Choice(services));
        services.AddSingleton<IValueCodecFactory, JsonFactory>();
        Assert.IsType<JsonValueCodec<Stamp>>(Choice(services));
        services.AddSingleton<IValueCodecFactory>(new OwnFactory(knows: true));
        Assert.IsType<Own>(Choice(services));
        services.AddSingleton<IValueCodec<Stamp>>(new JsonValueCodec<Stamp>());
        Assert.IsType<JsonValueCodec<Stamp>>(Choice(services));

        Assert.IsType<JsonValueCodec<string>>(new CodecRegistry(services.BuildServiceProvider()).For<string>());
    }

    [Fact]
    public void A_serializer_of_HybridCache_works_and_its_failures_are_ours_without_their_content()
    {
        var services = new ServiceCollection().AddSingleton<IHybridCacheSerializer<Stamp>, Hybrid>();
        var codec = new KeyspaceCodec<Stamp>("stamp", Choice(services), 100);
        using var payload = codec.Encode(new Stamp(9));

        Assert.Equal([1, 9], payload.Memory.ToArray());
        Assert.Equal(new Stamp(9), codec.Decode(payload.Memory));
        var error = Assert.Throws<ValueCodecException>(() => codec.Decode(new byte[3]));
        Assert.Equal("stamp", error.Keyspace);
        Assert.Contains("Hybrid", error.Message, StringComparison.Ordinal);
        Assert.Contains("InvalidOperationException", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_payload_over_the_limit_is_not_even_looked_at() =>
        Assert.Contains("ValueBytesMax of 10", Assert.Throws<ValueCodecException>(
            () => new KeyspaceCodec<byte[]>("x", BytesCodec.Instance, 10).Decode(new byte[11])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(6)]
    [InlineData(20260106)]
    public void Random_bytes_become_a_value_or_our_error_and_nothing_else(int seed)
    {
        var random = new Random(seed);
        var registry = new CodecRegistry();
        for (var i = 0; i < 5000; i++)
        {
            var payload = new byte[random.Next(24)];
            random.NextBytes(payload);
            payload.AsSpan(0, Math.Min(1, payload.Length)).Fill((byte)random.Next(3));
            Try(registry.For<string>(), payload);
            Try(registry.For<bool>(), payload);
            Try(registry.For<DateTimeOffset>(), payload);
            Try(registry.For<Stamp>(), payload);
            Try(registry.For<Dictionary<string, object?>>(), payload);
        }
    }

    private static void Try<T>(IValueCodec<T> codec, byte[] payload)
    {
        foreach (var guarded in new[] { new KeyspaceCodec<T>("x", codec, 1000), new KeyspaceCodec<T>("x", codec, 1000, compressAbove: 1) })
        {
            try
            {
                Assert.NotNull((object?)guarded.Decode(payload));
            }
            catch (MillpondException e)
            {
                Assert.Equal(ErrorCode.ValueCodec, e.Code);
            }
        }
    }

    private static IValueCodec<Stamp> Choice(IServiceCollection services) => new CodecRegistry(services.BuildServiceProvider()).For<Stamp>();
}
