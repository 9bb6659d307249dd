using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Memory;

namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>All that hits are measured of, filled with the same keys and values. Nothing is evicted, and nothing expires.</summary>
internal sealed class HitSubjects : IDisposable
{
    public const string DictionaryByText = "ConcurrentDictionary";
    public const string DictionaryByNumber = "ConcurrentDictionary int";

    private const long Room = 1L << 30;

    private static readonly MemoryCacheEntryOptions Expiring = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };

    private readonly MemoryCache _memory = new(new MemoryCacheOptions());
    private readonly BuiltCache _cache = new(Room);
    private readonly BuiltCache _without = new(Room, trackedKeysMax: 0);

    private HitSubjects()
    {
    }

    public IReadOnlyList<HitSubject> All { get; private set; } = [];

    public static async Task<HitSubjects> FillAsync(Workload load)
    {
        var subjects = new HitSubjects();
        subjects.All = [.. await subjects.ByTextAsync(load), .. await subjects.ByNumberAsync(load)];
        return subjects;
    }

    public void Dispose()
    {
        _memory.Dispose();
        _cache.Dispose();
        _without.Dispose();
    }

    private async Task<IReadOnlyList<HitSubject>> ByTextAsync(Workload load)
    {
        var dictionary = new ConcurrentDictionary<string, byte[]>();
        var tier = new BareTier<string>(Room);
        string[] texts = [.. load.Values.Select((_, key) => new string((char)('a' + (key % 26)), (Workload.ValueBytes - 22) / sizeof(char)))];
        for (var key = 0; key < load.Held.Length; key++)
        {
            dictionary[load.Held[key]] = load.Values[key];
            _memory.Set(load.Held[key], load.Values[key], Expiring);
            tier.Set(load.Held[key], load.Values[key]);
            await _cache.Texts.SetAsync(load.Held[key], load.Values[key]);
            await _without.Texts.SetAsync(load.Held[key], load.Values[key]);
            await _cache.Hybrid.SetAsync(load.Held[key], texts[key]);
        }

        string[] asked = [.. load.Order.Select(key => load.Asked[key])];
        object Value(int n) => load.Values[load.Order[n]];
        object Text(int n) => texts[load.Order[n]];
        return
        [
            Subject(DictionaryByText, new DictionaryByText(dictionary, asked), Value),
            Subject("ConcurrentDictionary span", new DictionaryBySpan(dictionary, asked), Value),
            Subject("the clock alone", new ClockAlone([.. load.Order.Select(key => load.Values[key])]), Value),
            Subject("MemoryCache", new MemoryCacheByText(_memory, asked), Value),
            Subject("Millpond tier", new TierByText(tier.Tier, asked), Value),
            Subject("Millpond tier span", new TierBySpan(tier.Tier, asked), Value),
            Subject("Millpond keyspace", new KeyspaceByText(_cache.Texts, asked), Value),
            Subject("Millpond keyspace, hot keys not sought", new KeyspaceByText(_without.Texts, asked), Value),
            Subject("Millpond HybridCache", new HybridByText(_cache.Hybrid, asked), Text),
            Subject("Millpond HybridCache span", new HybridBySpan(_cache.Hybrid, asked), Text),
        ];

        HitSubject Subject<TLookup>(string name, TLookup lookup, Func<int, object> expected)
            where TLookup : struct, ILookup => Verified(new HitSubject<TLookup>(name, DictionaryByText, lookup, asked.Length), expected);
    }

    private async Task<IReadOnlyList<HitSubject>> ByNumberAsync(Workload load)
    {
        var dictionary = new ConcurrentDictionary<int, byte[]>();
        var tier = new BareTier<int>(Room);
        for (var key = 0; key < load.Numbers.Length; key++)
        {
            dictionary[load.Numbers[key]] = load.Values[key];
            _memory.Set(load.Numbers[key], load.Values[key], Expiring);
            tier.Set(load.Numbers[key], load.Values[key]);
            await _cache.Numbers.SetAsync(load.Numbers[key], load.Values[key]);
        }

        int[] asked = [.. load.Order.Select(key => load.Numbers[key])];
        object Value(int n) => load.Values[load.Order[n]];
        return
        [
            Subject(DictionaryByNumber, new DictionaryByNumber(dictionary, asked)),
            Subject("MemoryCache int", new MemoryCacheByNumber(_memory, asked)),
            Subject("Millpond tier int", new TierByNumber(tier.Tier, asked)),
            Subject("Millpond keyspace int", new KeyspaceByNumber(_cache.Numbers, asked)),
        ];

        HitSubject Subject<TLookup>(string name, TLookup lookup)
            where TLookup : struct, ILookup => Verified(new HitSubject<TLookup>(name, DictionaryByNumber, lookup, asked.Length), Value);
    }

    private static HitSubject Verified(HitSubject subject, Func<int, object> expected)
    {
        subject.Verify(expected);
        return subject;
    }
}
