using System.Globalization;
using Millpond.Local;

namespace Millpond.Tests.Local;

/// <summary>Keys of the kinds that applications have are spread evenly over groups, tags and shards, under every seed.</summary>
public sealed class KeyHashes
{
    private const int Keys = 40_000;

    private readonly record struct Pair(int Left, string Right);

    [Fact]
    public void The_characters_of_a_string_hash_as_the_string_and_every_character_counts()
    {
        var (hash, chance) = (new KeyHash(1, 2), new Random(1));
        for (var length = 0; length < 80; length++)
        {
            var text = string.Create(length, chance, (span, random) =>
            {
                foreach (ref var one in span)
                {
                    one = (char)random.Next(32, 0x3000);
                }
            });
            var padded = ("x" + text + "y").AsSpan(1, length);
            Assert.Equal(hash.Of(text), hash.OfText(padded));
            HashSet<HashedKey> seen = [hash.Of(text), hash.Of(text + "\0")];
            for (var n = 0; n < length; n++)
            {
                var changed = text.ToCharArray();
                changed[n] ^= (char)1;
                seen.Add(hash.OfText(changed));
            }

            Assert.Equal(length + 2, seen.Count);
        }
    }

    [Fact]
    public void Under_another_seed_other_keys_fall_together()
    {
        var (one, other) = (new KeyHash(11, 12), new KeyHash(13, 14));
        var chance = new Random(2);
        var alike = 0;
        for (var n = 0; n < 100_000; n++)
        {
            var (a, b) = (chance.Next(), chance.Next());
            alike += (one.Of(a).Place >> 16) == (one.Of(b).Place >> 16) && (other.Of(a).Place >> 16) == (other.Of(b).Place >> 16) ? 1 : 0;
            Assert.NotEqual(one.Of(a), other.Of(a));
        }

        Assert.Equal(0, alike);
    }

    [Fact]
    public void Integers_are_spread_evenly_whatever_their_stride()
    {
        foreach (var stride in new[] { 1, 2, 3, 7, 10, 64, 100, 256, 1_000, 1_024, 4_096, 40_000 })
        {
            IsEven($"int by {stride}", n => n * stride);
            IsEven($"long by {stride}", n => (long)n * stride);
        }
    }

    /// <summary>Keys that differ only high up are the weak spot of two products: under one seed in a hundred some cells of a thousand are half as full again as chance has it.
    /// Groups of fifteen cells that hold ten on average do not notice.</summary>
    [Fact]
    public void Long_integers_whose_lower_bits_are_all_zero_are_spread_well_enough()
    {
        foreach (var stride in new[] { 1, 2, 64, 256, 1_000, 1_024, 4_096 })
        {
            IsEven($"high long by {stride}", n => (long)n * stride << 21, times: 4);
        }
    }

    [Fact]
    public void Strings_guids_and_structs_are_spread_evenly()
    {
        foreach (var name in new[] { "", "p", "key:", "product:0000", "tenant/europe/product/" })
        {
            IsEven("after " + name, n => name + n.ToString(CultureInfo.InvariantCulture));
            IsEven("before " + name, n => n.ToString("D9", CultureInfo.InvariantCulture) + name);
        }

        IsEven("guid that counts", n => new Guid(n, 0, 0, new byte[8]));
        IsEven("guid that counts at its end", n => new Guid(0, 0, 0, 0, 0, 0, 0, (byte)(n >> 24), (byte)(n >> 16), (byte)(n >> 8), (byte)n));
        IsEven("struct", n => new Pair(n, "x"));
        IsEven("enum", n => (DayOfWeek)n);
    }

    /// <summary>Sixteen characters are hashed as two pairs of words. If both had the same part of the seed, they would cancel out in a key whose halves are alike.</summary>
    [Fact]
    public void Halves_that_are_alike_do_not_cancel_out()
    {
        var (hash, seen) = (new KeyHash(21, 22), new HashSet<HashedKey>());
        for (var n = 0; n < 1_000; n++)
        {
            var (one, other) = (n.ToString("D4", CultureInfo.InvariantCulture), (9_999 - n).ToString("D4", CultureInfo.InvariantCulture));
            var other32 = (char)(other[0] ^ 32) + other[1..];
            Array.ForEach([one + other + one + other, one + other + other + one, one + other + other32 + one, one + one + one + one], text => seen.Add(hash.Of(text)));
        }

        Assert.Equal(4_000, seen.Count);
    }

    /// <summary>
    /// Chi-square over a thousand cells, of the bits that choose a group, a cell and a tag, of all and of those of one shard; and over 64 shards. Of fair hashes the mean is one less than there are cells
    /// and the deviation the root of twice that; seven of them above it come about once in 10^11, and the seeds are fixed. Shards are chosen by one
    /// product and may be less even: some keys more or less in one cost nothing.
    /// </summary>
    private static void IsEven<TKey>(string kind, Func<int, TKey> key, int times = 1)
        where TKey : notnull
    {
        for (var seed = 1ul; seed <= 3; seed++)
        {
            var hash = new KeyHash(seed * 0x9E37_79B9_97F4_A7C1, seed * 0xC2B2_AE3D_27D4_EB4F);
            HashedKey[] hashed = [.. Enumerable.Range(0, Keys).Select(n => hash.Of(key(n)))];
            IsSpread(hashed, 1_024, one => one.Place >> 22, times, $"{kind}, seed {seed}, upper bits");
            IsSpread(hashed, 1_024, one => one.Place & 1_023, times, $"{kind}, seed {seed}, lower bits");
            IsSpread(hashed, 64, one => one.Shard & 63, 4 * times, $"{kind}, seed {seed}, shards");
            HashedKey[] ofOneShard = [.. hashed.Where(one => (one.Shard & 7) == seed)];
            IsSpread(ofOneShard, 128, one => one.Place >> 25, times, $"{kind}, seed {seed}, upper bits in a shard");
            IsSpread(ofOneShard, 128, one => one.Place & 127, times, $"{kind}, seed {seed}, lower bits in a shard");
        }
    }

    private static void IsSpread(HashedKey[] hashed, int cells, Func<HashedKey, uint> cellOf, int times, string what)
    {
        var expected = hashed.Length / (double)cells;
        var counts = new int[cells];
        Array.ForEach(hashed, one => counts[cellOf(one)]++);
        var sum = counts.Sum(count => (count - expected) * (count - expected) / expected);
        Assert.True(sum < times * (cells - 1 + (7 * Math.Sqrt(2 * (cells - 1)))), $"{what}: {sum:F0}");
    }
}
