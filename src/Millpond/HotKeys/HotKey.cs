namespace Millpond;

/// <summary>One of the keys of a keyspace that are read most.</summary>
/// <typeparam name="TKey">The key's type.</typeparam>
public readonly record struct HotKey<TKey>
{
    /// <summary>The key.</summary>
    public required TKey Key { get; init; }

    /// <summary>How often it is read a second by this process, at least; of the last half second, more or less.</summary>
    public required double ReadsPerSecond { get; init; }

    /// <summary>The share of the keyspace's reads in this process, from 0 to 1, at least.</summary>
    public required double Share { get; init; }

    /// <summary>How often it is read a second by all processes that read it much, at least; 0 if no other process has told of it within the last seconds, or there is none.</summary>
    public double FleetReadsPerSecond { get; init; }

    /// <summary>The share of the keyspace's reads in all processes, from 0 to 1, at least; 0 where <see cref="FleetReadsPerSecond"/> is.</summary>
    public double FleetShare { get; init; }

    /// <summary>Whether it is treated as hot.</summary>
    public required bool IsHot { get; init; }
}

/// <summary>One of the keys of a cache that are read most, as text.</summary>
public readonly record struct HotKeyText
{
    /// <summary>The keyspace's name.</summary>
    public required string Keyspace { get; init; }

    /// <summary>The key's text; with the tenant, where the keyspace has tenants.</summary>
    public required string Key { get; init; }

    /// <summary>As for <see cref="HotKey{TKey}"/>.</summary>
    public required double ReadsPerSecond { get; init; }

    /// <summary>As for <see cref="HotKey{TKey}"/>.</summary>
    public required double Share { get; init; }

    /// <summary>As for <see cref="HotKey{TKey}"/>.</summary>
    public double FleetReadsPerSecond { get; init; }

    /// <summary>As for <see cref="HotKey{TKey}"/>.</summary>
    public double FleetShare { get; init; }

    /// <summary>Whether it is treated as hot.</summary>
    public required bool IsHot { get; init; }
}
