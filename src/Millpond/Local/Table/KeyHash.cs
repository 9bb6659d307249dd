using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Millpond.Local;

/// <summary>
/// Hashes keys to 64 bits under a secret seed: a few nanoseconds for a string, one multiplication for an integer. Nobody who does not know the seed can choose keys that
/// fall together, as far as the key's own hash code does not make them: a string's and an integer's is not used at all.
/// </summary>
/// <remarks>
/// Two words at a time are multiplied to 128 bits and both halves folded together, which carries every bit of the one into every bit of the other. The idea is
/// known from the wyhash family; with the seed in every product its weak point, a factor of zero, cannot be met on purpose.
/// </remarks>
internal readonly struct KeyHash(ulong first, ulong second)
{
    private const ulong Odd = 0x9E37_79B9_7F4A_7C15; // 2^64 divided by the golden ratio.

    private readonly ulong _first = first | 1;
    private readonly ulong _second = second | 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Of<TKey>(TKey key)
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
    public ulong OfText(ReadOnlySpan<char> text)
    {
        ref var at = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(text));
        var bytes = (nuint)text.Length * sizeof(char);
        var hash = _first ^ (bytes * Odd);
        if (bytes < 16)
        {
            return Last(Fold(hash ^ Short(ref at, bytes, out var rest), rest ^ _second));
        }

        // Every block but the last; the last may overlap the one before it, which loses nothing, for the length is in the hash.
        for (nuint done = 0; done + 16 < bytes; done += 16)
        {
            hash = Fold(Word(ref at, done) ^ _second, Word(ref at, done + 8) ^ hash);
        }

        return Last(Fold(Word(ref at, bytes - 16) ^ _second, Word(ref at, bytes - 8) ^ hash));
    }

    /// <summary>Small numbers need no more than what <see cref="Last"/> does twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong OfBits(ulong bits) => Last((bits ^ _first) * _second);

    /// <summary>Keys that count upwards differ in few bits of one word, and one product leaves some of them close together, once in a few hundred seeds. So there is a second one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Last(ulong hash)
    {
        hash = (hash ^ (hash >> 32)) * Odd;
        return hash ^ (hash >> 32);
    }

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
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
