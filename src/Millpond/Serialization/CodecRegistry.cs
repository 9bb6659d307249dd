using System.Text.Json;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Millpond.Serialization;

/// <summary>
/// Chooses the codec of a type; the first of these that has one: an <see cref="IValueCodec{T}"/> among the services, the
/// <see cref="IValueCodecFactory"/>s, an <see cref="IHybridCacheSerializer{T}"/>, the <see cref="IHybridCacheSerializerFactory"/>s (of
/// factories the last registered first, as HybridCache asks them), bytes, string and primitives as they are, JSON.
/// Asked once for each keyspace, when it is built, so it keeps nothing.
/// </summary>
internal sealed class CodecRegistry(IServiceProvider? services = null, JsonSerializerOptions? json = null)
{
    public IValueCodec<T> For<T>() => FromServices<T>() ?? BuiltIn<T>() ?? new JsonValueCodec<T>(json ?? JsonDefaults.Options);

    private IValueCodec<T>? FromServices<T>()
    {
        if (services is null)
        {
            return null;
        }

        if (services.GetService<IValueCodec<T>>() is { } codec)
        {
            return codec;
        }

        foreach (var factory in services.GetServices<IValueCodecFactory>().Reverse())
        {
            if (factory.TryCreate<T>() is { } created)
            {
                return created;
            }
        }

        if (services.GetService<IHybridCacheSerializer<T>>() is { } serializer)
        {
            return new HybridCodec<T>(serializer);
        }

        foreach (var factory in services.GetServices<IHybridCacheSerializerFactory>().Reverse())
        {
            if (factory.TryCreateSerializer<T>(out var created))
            {
                return new HybridCodec<T>(created);
            }
        }

        return null;
    }

    private static IValueCodec<T>? BuiltIn<T>()
    {
        object? codec = typeof(T) switch
        {
            var t when t == typeof(byte[]) || t == typeof(ReadOnlyMemory<byte>) => BytesCodec.Instance,
            var t when t == typeof(string) => StringCodec.Instance,
            var t when t == typeof(int) => new Int32Codec(),
            var t when t == typeof(long) => new Int64Codec(),
            var t when t == typeof(double) => new DoubleCodec(),
            var t when t == typeof(bool) => new BooleanCodec(),
            var t when t == typeof(Guid) => new GuidCodec(),
            var t when t == typeof(DateTimeOffset) => new DateTimeOffsetCodec(),
            _ => null,
        };
        return (IValueCodec<T>?)codec;
    }
}
