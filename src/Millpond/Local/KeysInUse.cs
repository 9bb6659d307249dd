namespace Millpond.Local;

/// <summary>Which of the keys that a local tier holds are used most.</summary>
internal static class KeysInUse
{
    /// <summary>The keys of values that are held, most used first; no more than are wanted. Takes the shards' locks for some slots at a time.</summary>
    public static IReadOnlyList<TKey> MostUsed<TKey, TValue>(this LocalTier<TKey, TValue> tier, int keysMax)
        where TKey : notnull
    {
        // The least used of those chosen comes out first.
        var chosen = new PriorityQueue<TKey, (int Uses, long LoadedAt)>();
        var some = new List<KeyInUse<TKey>>();
        tier.Walk((slots, first, end) =>
        {
            some.Clear();
            slots.CopyKeys(first, end, some);
            foreach (var one in some)
            {
                chosen.Enqueue(one.Key, (one.Uses, one.LoadedAt));
                if (chosen.Count > keysMax)
                {
                    chosen.Dequeue();
                }
            }
        });

        var keys = new TKey[chosen.Count];
        for (var place = keys.Length - 1; place >= 0; place--)
        {
            keys[place] = chosen.Dequeue();
        }

        return keys;
    }
}

/// <summary>A key that is held, and how much it is used.</summary>
/// <param name="Key">The key.</param>
/// <param name="Uses">How often it was asked for lately, as far as the policy had reason to look.</param>
/// <param name="LoadedAt">When its value was loaded, in ticks: what is asked for is renewed.</param>
internal readonly record struct KeyInUse<TKey>(TKey Key, int Uses, long LoadedAt);
