using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;

namespace Millpond.Bench.Suites.LocalTiers;

internal readonly struct DictionaryByText(ConcurrentDictionary<string, byte[]> held, string[] asked) : ILookup
{
    public object? Find(int n) => held.TryGetValue(asked[n], out var value) ? value : null;
}

internal readonly struct DictionaryBySpan(ConcurrentDictionary<string, byte[]> held, string[] asked) : ILookup
{
    private readonly ConcurrentDictionary<string, byte[]>.AlternateLookup<ReadOnlySpan<char>> _held = held.GetAlternateLookup<ReadOnlySpan<char>>();

    public object? Find(int n) => _held.TryGetValue(asked[n].AsSpan(), out var value) ? value : null;
}

internal readonly struct DictionaryByNumber(ConcurrentDictionary<int, byte[]> held, int[] asked) : ILookup
{
    public object? Find(int n) => held.TryGetValue(asked[n], out var value) ? value : null;
}

internal readonly struct MemoryCacheByText(MemoryCache held, string[] asked) : ILookup
{
    public object? Find(int n) => held.TryGetValue(asked[n], out byte[]? value) ? value : null;
}

/// <summary>The key is boxed for each look-up: MemoryCache knows objects alone.</summary>
internal readonly struct MemoryCacheByNumber(MemoryCache held, int[] asked) : ILookup
{
    public object? Find(int n) => held.TryGetValue(asked[n], out byte[]? value) ? value : null;
}
