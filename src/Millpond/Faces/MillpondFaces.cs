using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Millpond.Faces.Distributed;
using Millpond.Faces.Hybrid;

namespace Millpond;

/// <summary>Lets a cache be injected under the platform's own abstractions, so that code written for those runs on it unchanged.</summary>
public static class MillpondFaces
{
    /// <summary>
    /// Injects this cache as <see cref="HybridCache"/>, over a keyspace of its own named <c>hybrid</c>. For a named cache it is a keyed service under the cache's
    /// name. May be called more than once; the last setting wins.
    /// </summary>
    /// <param name="cache">The cache.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The cache's builder.</returns>
    public static MillpondBuilder AsHybridCache(this MillpondBuilder cache, Action<MillpondHybridCacheOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(cache);
        HybridFace.Declare(cache, configure);
        return cache;
    }

    /// <summary>
    /// Injects this cache as <see cref="IDistributedCache"/> and <see cref="IBufferDistributedCache"/>, over a keyspace of its own named <c>distributed</c>. For a
    /// named cache it is a keyed service under the cache's name.
    /// </summary>
    /// <param name="cache">The cache.</param>
    /// <param name="declare">Changes the keyspace: its policy, limits and version. An entry without an absolute expiration lives for the policy's time to
    /// live at most, by default 30 days.</param>
    /// <returns>The cache's builder.</returns>
    public static MillpondBuilder AsDistributedCache(this MillpondBuilder cache, Action<KeyspaceBuilder<string, byte[]>>? declare = null)
    {
        ArgumentNullException.ThrowIfNull(cache);
        DistributedFace.Declare(cache, declare);
        return cache;
    }
}
