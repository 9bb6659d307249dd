using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;
using Millpond.Local;
using Millpond.Runtime;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>Without a bound: what it costs to keep everything.</summary>
internal readonly struct ServingDictionary(Supplies supplies) : IServing
{
    private readonly ConcurrentDictionary<string, byte[]> _held = new();

    public int Count => _held.Count;

    public void Dispose() => _held.Clear();

    public bool Read(int key)
    {
        if (_held.TryGetValue(supplies.Asked[key], out _))
        {
            return true;
        }

        Write(key);
        return false;
    }

    public void Write(int key) => _held[supplies.Held[key]] = supplies.ValueOf(key);
}

/// <summary>With a size limit: a store over it is dropped, and starts a compaction in the background.</summary>
internal readonly struct ServingMemoryCache(Supplies supplies, MemoryCache held) : IServing
{
    private readonly MemoryCacheEntryOptions _options = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1), Size = 1 };

    public int Count => held.Count;

    public static ServingMemoryCache For(Supplies supplies, int entries) => new(supplies, new MemoryCache(new MemoryCacheOptions { SizeLimit = entries }));

    public void Dispose() => held.Dispose();

    public bool Read(int key)
    {
        if (held.TryGetValue(supplies.Asked[key], out byte[]? _))
        {
            return true;
        }

        Write(key);
        return false;
    }

    public void Write(int key) => held.Set(supplies.Held[key], supplies.ValueOf(key), _options);
}

internal readonly struct ServingTier(Supplies supplies, int entries) : IServing
{
    private readonly BareTier<string> _held = new(supplies.BytesOf(entries));

    public int Count => _held.Tier.Count;

    public void Dispose() => _held.Tier.Clear();

    public bool Read(int key)
    {
        if (_held.Tier.TryHit(supplies.Asked[key], Surroundings.Real.MillisecondsAtMost).Flags != SlotFlags.None)
        {
            return true;
        }

        Write(key);
        return false;
    }

    public void Write(int key) => _held.Set(supplies.Held[key], supplies.ValueOf(key));
}

/// <summary>A keyspace as a program has it: a miss goes down the whole road, to a loader that answers at once.</summary>
internal readonly struct ServingKeyspace(Supplies supplies, BuiltCache cache) : IServing
{
    public int Count => cache.OfTexts.LocalEntries;

    public static ServingKeyspace For(Supplies supplies, int entries) => new(supplies, new BuiltCache(supplies.BytesOf(entries), loaded: supplies.ValueOf(0)));

    public void Dispose() => cache.Dispose();

    public bool Read(int key)
    {
        var loads = BuiltCache.Loads;
        _ = Result(cache.Texts.GetAsync(supplies.Asked[key]));
        return loads == BuiltCache.Loads;
    }

    public void Write(int key)
    {
        var write = cache.Texts.SetAsync(supplies.Held[key], supplies.ValueOf(key));
        if (!write.IsCompletedSuccessfully)
        {
            write.AsTask().GetAwaiter().GetResult();
        }
    }

    // A read that meets another thread's load of the same key waits for it.
    private static byte[]? Result(ValueTask<byte[]?> read) => read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult();
}
