using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>Something that holds entries, whose memory is looked at.</summary>
internal interface IHolding<TKey> : IDisposable
{
    int Count { get; }

    void Set(TKey key, byte[] value);
}

internal sealed class HoldingDictionary<TKey> : IHolding<TKey>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, byte[]> _held = new();

    public int Count => _held.Count;

    public void Set(TKey key, byte[] value) => _held[key] = value;

    public void Dispose() => _held.Clear();
}

internal sealed class HoldingMemoryCache<TKey> : IHolding<TKey>
    where TKey : notnull
{
    private static readonly MemoryCacheEntryOptions Options = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };
    private readonly MemoryCache _held = new(new MemoryCacheOptions());

    public int Count => _held.Count;

    public void Set(TKey key, byte[] value) => _held.Set(key, value, Options);

    public void Dispose() => _held.Dispose();
}

/// <summary>Ours, with a time to live and a weight for each entry, and a budget that is never reached.</summary>
internal sealed class HoldingTier<TKey> : IHolding<TKey>
    where TKey : notnull
{
    private readonly BareTier<TKey> _held = new(64L << 30);

    public int Count => _held.Tier.Count;

    public void Set(TKey key, byte[] value) => _held.Set(key, value);

    public void Dispose() => _held.Tier.Clear();
}

/// <summary>Keys and values in two arrays: what they cost without any cache.</summary>
/// <param name="entries">How many.</param>
/// <param name="place">Where a key goes.</param>
internal sealed class HoldingArrays<TKey>(int entries, Func<TKey, int> place) : IHolding<TKey>
    where TKey : notnull
{
    private readonly TKey[] _keys = new TKey[entries];
    private readonly byte[][] _values = new byte[entries][];

    public int Count => _values.Count(value => value is not null);

    public void Set(TKey key, byte[] value) => (_keys[place(key)], _values[place(key)]) = (key, value);

    public void Dispose() => Array.Clear(_keys);
}
