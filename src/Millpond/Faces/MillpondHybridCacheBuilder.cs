using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Millpond;

/// <summary>Goes on from <c>AddMillpondHybridCache</c> as one goes on from <c>AddHybridCache</c>.</summary>
public sealed class MillpondHybridCacheBuilder
{
    internal MillpondHybridCacheBuilder(IServiceCollection services) => Services = services;

    /// <summary>The program's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Uses a serializer for one type.</summary>
    /// <typeparam name="T">The type of values.</typeparam>
    /// <typeparam name="TSerializer">Its serializer, made by the service provider.</typeparam>
    public MillpondHybridCacheBuilder AddSerializer<T, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSerializer>()
        where TSerializer : class, IHybridCacheSerializer<T>
    {
        Services.AddSingleton<IHybridCacheSerializer<T>, TSerializer>();
        return this;
    }

    /// <summary>Uses a serializer for one type.</summary>
    /// <typeparam name="T">The type of values.</typeparam>
    /// <param name="serializer">Its serializer.</param>
    public MillpondHybridCacheBuilder AddSerializer<T>(IHybridCacheSerializer<T> serializer)
    {
        Services.AddSingleton(serializer);
        return this;
    }

    /// <summary>Uses a factory that chooses serializers; the one added last is asked first.</summary>
    /// <typeparam name="TFactory">The factory, made by the service provider.</typeparam>
    public MillpondHybridCacheBuilder AddSerializerFactory<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TFactory>()
        where TFactory : class, IHybridCacheSerializerFactory
    {
        Services.AddSingleton<IHybridCacheSerializerFactory, TFactory>();
        return this;
    }

    /// <summary>Uses a factory that chooses serializers; the one added last is asked first.</summary>
    /// <param name="factory">The factory.</param>
    public MillpondHybridCacheBuilder AddSerializerFactory(IHybridCacheSerializerFactory factory)
    {
        Services.AddSingleton(factory);
        return this;
    }
}
