using Microsoft.Extensions.Caching.Hybrid;
using Millpond;

// In the namespace where every program already looks for Add methods.
namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Millpond to a program that was written for HybridCache.</summary>
public static class MillpondHybridCacheServiceExtensions
{
    /// <summary>
    /// Takes the place of <c>AddHybridCache</c>: <see cref="HybridCache"/> is injected as before and runs on Millpond. Short for
    /// <c>AddMillpond(m => m.AsHybridCache(...))</c>, which may be called as well and adds to the same cache.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="configure">Changes the options.</param>
    public static MillpondHybridCacheBuilder AddMillpondHybridCache(this IServiceCollection services, Action<MillpondHybridCacheOptions>? configure = null)
    {
        services.AddMillpond(cache => cache.AsHybridCache(configure));
        return new MillpondHybridCacheBuilder(services);
    }
}
