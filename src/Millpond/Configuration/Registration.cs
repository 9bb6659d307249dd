using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Millpond;

/// <summary>How caches and keyspaces are found among the services: the default cache without a key, named ones under their name, keyspaces under theirs.</summary>
internal static class Registration
{
    public const string DefaultName = "default";

    /// <summary>The builder of a cache, made and registered on first sight.</summary>
    public static MillpondBuilder BuilderOf(IServiceCollection services, string name)
    {
        var known = services.FirstOrDefault(d => d.IsKeyedService && Equals(d.ServiceKey, name) && d.ServiceType == typeof(MillpondBuilder));
        if (known?.KeyedImplementationInstance is MillpondBuilder builder)
        {
            return builder;
        }

        builder = new MillpondBuilder(services, name);
        services.TryAddSingleton<Telemetry.Instruments>();
        services.AddKeyedSingleton(name, builder);
        services.AddSingleton(new CacheName(name));
        services.AddKeyedSingleton(name, (provider, _) => new CacheHost(builder, provider));
        services.AddKeyedSingleton<ICache>(name, (provider, _) => provider.GetRequiredKeyedService<CacheHost>(name));
        services.AddSingleton<Microsoft.Extensions.Hosting.IHostedService>(provider => new CacheStart(provider.GetRequiredKeyedService<CacheHost>(name)));
        if (name == DefaultName)
        {
            services.TryAddSingleton<ICache>(provider => provider.GetRequiredKeyedService<CacheHost>(name));
        }

        return builder;
    }

    /// <summary>Registers a face of which a cache has one: without a key for the default cache, under the cache's name for a named one. The default one takes the
    /// place of what was registered before.</summary>
    public static void AddFaceOfCache<TFace>(MillpondBuilder cache, string keyspace)
        where TFace : class
    {
        var name = cache.Name;
        if (name == DefaultName)
        {
            cache.Services.AddSingleton(provider => provider.GetRequiredKeyedService<CacheHost>(name).Faces.Of<TFace>(keyspace));
        }
        else
        {
            cache.Services.AddKeyedSingleton(name, (provider, _) => provider.GetRequiredKeyedService<CacheHost>(name).Faces.Of<TFace>(keyspace));
        }
    }

    /// <summary>Registers what a keyspace is injected as: under its name, and without one where it is the only one of its types.</summary>
    public static void AddFace<TFace>(IServiceCollection services, string cache, string keyspace)
        where TFace : class
    {
        var key = cache == DefaultName ? keyspace : $"{cache}/{keyspace}";
        services.AddKeyedSingleton<TFace>(key, (provider, _) => provider.GetRequiredKeyedService<CacheHost>(cache).Faces.Of<TFace>(keyspace));
        if (cache == DefaultName)
        {
            services.TryAddSingleton(provider => provider.GetRequiredKeyedService<CacheHost>(cache).Faces.Only<TFace>());
        }
    }
}

/// <summary>A cache that was added; all of them together tell which configuration sections are caches and which are slips of the pen.</summary>
internal sealed record CacheName(string Name);
