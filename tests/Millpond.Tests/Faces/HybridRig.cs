using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Faces;

/// <summary>Processes whose cache is injected as HybridCache.</summary>
internal static class HybridRig
{
    /// <summary>Enough for any test's values: the shared tier holds them, and so is a second cache.</summary>
    public const long Shared = 1 << 22;

    public static HybridCache AddHybrid(
        this Caches caches, Action<MillpondHybridCacheOptions>? configure = null, Action<IServiceCollection>? more = null, Millpond.Shared.ISharedTier? tier = null) =>
        caches.Add(
            m => m.AsHybridCache(o =>
            {
                o.Policy.Jitter = 0;
                configure?.Invoke(o);
            }),
            tier,
            more: more).GetRequiredService<HybridCache>();

    public static HybridCacheEntryOptions With(HybridCacheEntryFlags flags) => new() { Flags = flags };

    /// <summary>What is there for a key, without asking the source.</summary>
    public static ValueTask<T?> LookAsync<T>(this HybridCache cache, string key, HybridCacheEntryFlags flags = HybridCacheEntryFlags.None) =>
        cache.GetOrCreateAsync<T?>(key, _ => throw new InvalidOperationException("The source was asked."), With(flags | HybridCacheEntryFlags.DisableUnderlyingData));

    public static ValueTask<string> LoadAsync(this HybridCache cache, string key, string value, HybridCacheEntryOptions? options = null) =>
        cache.GetOrCreateAsync(key, value, static (v, _) => new ValueTask<string>(v), options);
}
