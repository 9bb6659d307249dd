using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace Millpond.Faces.Hybrid;

/// <summary>Declares the keyspace behind HybridCache, once for each cache, however often it is asked to.</summary>
internal static class HybridFace
{
    public const string Name = "hybrid";

    public static void Declare(MillpondBuilder cache, Action<MillpondHybridCacheOptions>? configure)
    {
        var options = cache.Services
            .FirstOrDefault(one => one.IsKeyedService && Equals(one.ServiceKey, cache.Name) && one.ServiceType == typeof(MillpondHybridCacheOptions))?
            .KeyedImplementationInstance as MillpondHybridCacheOptions ?? Add(cache);
        configure?.Invoke(options);
        options.ApplyTo();
    }

    private static MillpondHybridCacheOptions Add(MillpondBuilder cache)
    {
        var declared = new KeyspaceDeclared<string, HybridValue>(Name);
        var options = new MillpondHybridCacheOptions(declared);
        declared.Policy.AbandonedLoad = AbandonedLoad.IsCancelled;
        declared.Weigher = static (_, value) => value.Bytes;
        declared.RecordCodec = parts => new HybridRecordCodec(Name, parts.Codecs, options.Compression);
        declared.Face = keyspace => new MillpondHybridCache(
            keyspace, new HybridCalls(options.DefaultEntryOptions, options.Compression is null ? PayloadForm.Plain : PayloadForm.Compressed));
        cache.Keyspaces.Add(declared);
        cache.Services.AddKeyedSingleton(cache.Name, options);
        Registration.AddFaceOfCache<HybridCache>(cache, Name);
        return options;
    }
}
