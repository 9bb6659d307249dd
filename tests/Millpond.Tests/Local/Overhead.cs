using Millpond.Local;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Local;

/// <summary>What entries are said to weigh against what the collector says they take. By itself, for it counts the bytes of the whole process.</summary>
[Collection(nameof(Alone))]
public sealed class Overhead
{
    private const int Entries = 200_000;

    [Fact]
    public void Of_int_keys_is_what_is_claimed() => IsAsClaimed(n => n, n => n);

    [Fact]
    public void Of_string_keys_is_what_is_claimed() => IsAsClaimed(n => "product:" + n, n => "value " + n);

    [Fact]
    public void An_empty_keyspace_takes_next_to_nothing_and_one_with_ten_entries_little()
    {
        var rigs = new TierRig<int, string>[100];
        var empty = Taken(() => Array.ForEach(Enumerable.Range(0, 100).ToArray(), n => rigs[n] = new TierRig<int, string>(1_000_000))) / 100;
        var ten = Taken(() => Array.ForEach(rigs, rig =>
        {
            for (var n = 0; n < 10; n++)
            {
                rig.Tier.Set(n, rig.Entry("v"));
            }
        })) / 100;

        // Tier and counters. What decides who goes and when comes with the first entry.
        Assert.InRange(empty, 1_000, 6_000);
        Assert.InRange(ten, 500, 10_500);
    }

    private static void IsAsClaimed<TKey, TValue>(Func<int, TKey> keyOf, Func<int, TValue> valueOf)
        where TKey : notnull
    {
        var rig = new TierRig<TKey, TValue>(1L << 30);
        var real = Taken(() =>
        {
            for (var n = 0; n < Entries; n++)
            {
                var (key, value) = (keyOf(n), valueOf(n));
                rig.Tier.Set(key, rig.Entry(value, LocalTier<TKey, TValue>.OverheadBytes + SizeEstimator<TKey>.Bytes(key) + SizeEstimator<TValue>.Bytes(value)));
            }
        });

        // Hashes are seeded at random: once in a long while a key finds its cells full, and tables grow a little earlier or later.
        Assert.InRange(rig.Tier.Count, Entries - 5, Entries);
        Assert.InRange(rig.Tier.Bytes, real * 0.85, real * 1.15);
    }

    private static long Taken(Action action)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        action();
        return GC.GetTotalMemory(forceFullCollection: true) - before;
    }
}

/// <summary>Tests that no other test may run beside.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
