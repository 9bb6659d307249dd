using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Millpond.Local;

/// <summary>A key's hash, in the two parts that a look-up needs one after the other.</summary>
/// <param name="Shard">Chooses the shard, by as many of its lower bits as that takes. Known first, so that the shard is found while the rest is worked out.</param>
/// <param name="Place">Chooses the place within the shard, and is kept with the entry.</param>
internal readonly record struct HashedKey(uint Shard, uint Place);

/// <summary>
/// Hashes keys under a secret seed: a few nanoseconds for a string, two multiplications for an integer. Nobody who does not know the seed can choose keys that
/// fall together, as far as the key's own hash code does not make them: a string's and an integer's is not used at all.
/// </summary>
/// <remarks>
/// Two words at a time are multiplied to 128 bits and both halves folded together, which carries every bit of the one into every bit of the other. The idea is
/// known from the wyhash family; with the seed in every product its weak point, a factor of zero, cannot be met on purpose. Each place of a product has a part of the seed for itself, for two
/// equal products would cancel out.
/// </remarks>
internal readonly struct KeyHash(ulong first, ulong second)
{
    private const ulong Odd = 0x9E37_79B9_7F4A_7C15; // 2^64 divided by the golden ratio.
    private const int WordPair = 2 * sizeof(ulong);

    private readonly ulong _first = first | 1;
    private readonly ulong _second = second | 1;
    private readonly ulong _third = new SeededHash(first).Of(3);
    private readonly ulong _fourth = new SeededHash(second).Of(4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HashedKey Of<TKey>(TKey key)
        where TKey : notnull
    {
        if (!typeof(TKey).IsValueType)
        {
            return (object)key is string text ? OfText(text) : OfBits((uint)key.GetHashCode());
        }

        if (typeof(TKey) == typeof(int))
        {
            return OfBits((uint)(int)(object)key);
        }

        if (typeof(TKey) == typeof(long))
        {
            return OfBits((ulong)(long)(object)key);
        }

        if (typeof(TKey) == typeof(Guid))
        {
            ref var bits = ref Unsafe.As<TKey, ulong>(ref key);
            return Last(Fold(bits ^ _first, Unsafe.Add(ref bits, 1) ^ _second));
        }

        return OfBits((uint)EqualityComparer<TKey>.Default.GetHashCode(key));
    }

    /// <summary>The same for the characters of a string as for the string.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HashedKey OfText(ReadOnlySpan<char> text)
    {
        ref var at = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(text));
        var bytes = (nuint)text.Length * sizeof(char);
        if (bytes is >= WordPair and <= 2 * WordPair)
        {
            // Most keys: two products at once. They may overlap, which loses nothing, for the length is in the hash.
            return Last(
                Fold(Word(ref at, 0) ^ _first, Word(ref at, 8) ^ _second ^ bytes)
                ^ Fold(Word(ref at, bytes - 16) ^ _third, Word(ref at, bytes - 8) ^ _fourth));
        }

        var hash = _first ^ (bytes * Odd);
        if (bytes < WordPair)
        {
            return Last(Fold(hash ^ Short(ref at, bytes, out var rest), rest ^ _second));
        }

        // Every block but the last, which likewise may overlap the one before it.
        for (nuint done = 0; done + WordPair < bytes; done += WordPair)
        {
            hash = Fold(Word(ref at, done) ^ _second, Word(ref at, done + 8) ^ hash);
        }

        return Last(Fold(Word(ref at, bytes - 16) ^ _second, Word(ref at, bytes - 8) ^ hash));
    }

    /// <summary>Small numbers need no more than a product before the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private HashedKey OfBits(ulong bits) => Last((bits ^ _first) * _second);

    /// <summary>
    /// Keys that count upwards differ in few bits of one word, and one product leaves some of them close together, once in a few hundred seeds. So there is a second one, for the place. The shard is
    /// chosen by the first: shards share out what room they have, and need not be equally full.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static HashedKey Last(ulong hash) => new((uint)(hash >> 32) ^ (uint)(hash >> 58), (uint)(((hash ^ (hash >> 32)) * Odd) >> 32));

    /// <summary>Up to seven characters, as two words that overlap where there are not enough.</summary>
    private static ulong Short(ref byte at, nuint bytes, out ulong rest)
    {
        if (bytes >= 8)
        {
            rest = Word(ref at, bytes - 8);
            return Word(ref at, 0);
        }

        if (bytes >= 4)
        {
            rest = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref at, bytes - 4));
            return Unsafe.ReadUnaligned<uint>(ref at);
        }

        rest = 0;
        return bytes == 0 ? 0UL : Unsafe.ReadUnaligned<ushort>(ref at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte at, nuint offset) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        // In two instructions, because the one that gives both halves gives one of them to memory.
        if (Bmi2.X64.IsSupported)
        {
            return Bmi2.X64.MultiplyNoFlags(a, b) ^ (a * b);
        }

        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
