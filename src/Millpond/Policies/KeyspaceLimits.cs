namespace Millpond;

/// <summary>
/// The limits of one keyspace. Declared in code, overridden by configuration (<c>Millpond:Keyspaces:{name}:Limits</c>), re-read while running.
/// </summary>
public sealed record KeyspaceLimits
{
    /// <summary>The longest key, in bytes of its text in UTF-8, tenant included. Default 250, which is what Memcached takes; at most 65,536.</summary>
    public int KeyBytesMax { get; set; } = 250;

    /// <summary>The largest value in bytes, encoded (for keyspaces that are never encoded: estimated). Default 1 MiB; at most 512 MiB, Redis's own limit.</summary>
    public int ValueBytesMax { get; set; } = 1 << 20;

    /// <summary>What of the local tier is reserved for this keyspace, whether or not it fills it, in bytes. Default 0.</summary>
    public long LocalBytesMin { get; set; }

    /// <summary>What this keyspace may take of the local tier, in bytes. Default: all of it; 0 keeps nothing locally but what is hot.</summary>
    public long LocalBytesMax { get; set; } = long.MaxValue;

    /// <summary>Where <see cref="LocalBytesMax"/> is 0, what hot keys may take of the local tier all the same, in bytes. Default 1 MiB; 0 keeps nothing whatever.</summary>
    public long LocalHotBytesMax { get; set; } = 1 << 20;

    /// <summary>The most keys in one call. Default 1,000.</summary>
    public int BatchKeysMax { get; set; } = 1_000;

    /// <summary>The most tags on one entry. Default 32: each costs a look-up when floors have moved; at most 255.</summary>
    public int TagsMax { get; set; } = 32;

    /// <summary>How long a lease lives without a sign of life from its holder, who gives one each quarter of it while the load or the write is under way. So long does it take
    /// until somebody else loads after the holder's process died, or was stopped. Default 5 seconds; at least 100 milliseconds.</summary>
    public TimeSpan LeaseTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How much longer than <see cref="KeyspacePolicy.LoadTimeout"/> a lease lives at most, signs of life or not, so that a load in time is always stored.
    /// Default 5 seconds; above zero.</summary>
    public TimeSpan LeaseMargin { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a caller waits for another process's load before loading by itself, without storing. Default 10 seconds: longer than <see cref="LeaseTime"/>, so that of those
    /// who wait for a holder that died one loads and the others get what it brings.</summary>
    public TimeSpan LeaseWaitMax { get; set; } = TimeSpan.FromSeconds(10);
}
