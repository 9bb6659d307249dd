using Microsoft.Extensions.Caching.Distributed;

namespace Millpond.Faces.Distributed;

/// <summary>What the expirations of IDistributedCache mean here.</summary>
internal static class DistributedTimes
{
    /// <summary>The earlier of the absolute ones is the entry's time to live; without one it is the keyspace's. The sliding one is bounded by it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The absolute expiration is over already.</exception>
    public static EntryOptions EntryOf(DistributedCacheEntryOptions options, TimeProvider time)
    {
        TimeSpan? until = options.AbsoluteExpiration is { } at ? at - time.GetUtcNow() : null;
        if (until <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(options), $"AbsoluteExpiration was {-until} ago. Give a time to come, or remove the key.");
        }

        var left = options.AbsoluteExpirationRelativeToNow;
        return new EntryOptions
        {
            TimeToLive = left is null || until < left ? until : left,
            Sliding = options.SlidingExpiration,
        };
    }
}
