using System.Diagnostics.CodeAnalysis;

namespace Millpond.HotKeys;

/// <summary>The keys that are treated as hot. The set is immutable and swapped whole; what is known of each key is written by the finder alone, a word at a time.</summary>
internal sealed class HotSet<TKey>
    where TKey : notnull
{
    public static readonly HotSet<TKey> Empty = new([]);

    private readonly Dictionary<TKey, Found> _keys;

    public HotSet(IReadOnlyCollection<Found> keys) => _keys = keys.ToDictionary(one => one.Key);

    public int Count => _keys.Count;

    public Dictionary<TKey, Found>.ValueCollection Keys => _keys.Values;

    public bool TryGet(TKey key, [MaybeNullWhen(false)] out Found found) => _keys.TryGetValue(key, out found);

    /// <summary>A hot key.</summary>
    public sealed class Found(TKey key)
    {
        private readonly Lock _gate = new();
        private long _until;
        private long _nextAskAt;

        public TKey Key { get; } = key;

        /// <summary>Until when it is treated as hot, in milliseconds.</summary>
        public long Until
        {
            get => Volatile.Read(ref _until);
            set => Volatile.Write(ref _until, value);
        }

        /// <summary>Takes the right to ask for it now, or says how long that would be too early, in ticks.</summary>
        public long TakeTurn(long now, long interval)
        {
            lock (_gate)
            {
                var early = Math.Min(_nextAskAt - now, interval);
                _nextAskAt = early > 0 ? _nextAskAt : now + interval;
                return Math.Max(0, early);
            }
        }
    }
}
