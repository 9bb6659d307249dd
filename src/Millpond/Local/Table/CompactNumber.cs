using System.Numerics;

namespace Millpond.Local;

/// <summary>
/// A number of up to 4 × 10^12 in 16 bits: exact below 2,048, and within one part in 2,048 above. For what an entry carries that nobody needs exactly, such as how long its load took.
/// </summary>
/// <remarks>Five bits of exponent and eleven of fraction, with the leading one left out, as in a floating-point number.</remarks>
internal static class CompactNumber
{
    private const int FractionBits = 11;
    private const long Exact = 1L << FractionBits;

    public const long MaxValue = ((2 * Exact) - 1) << 30;

    public static long Value(ushort code)
    {
        var exponent = code >> FractionBits;
        var fraction = code & (Exact - 1);
        return exponent == 0 ? fraction : (Exact + fraction) << (exponent - 1);
    }

    /// <summary>The largest number that fits and is no more than <paramref name="value"/>.</summary>
    public static ushort AtMost(long value)
    {
        if (value < Exact)
        {
            return (ushort)Math.Max(value, 0);
        }

        value = Math.Min(value, MaxValue);
        var shift = BitOperations.Log2((ulong)value) - FractionBits;
        return (ushort)(((shift + 1) << FractionBits) | (int)((value >> shift) & (Exact - 1)));
    }
}
