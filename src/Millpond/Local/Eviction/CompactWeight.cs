using System.Numerics;

namespace Millpond.Local;

/// <summary>
/// A weight of 1 byte to 1 GiB in 15 bits: exact below 2,048, and rounded up by less than one part in 1,024 above. What is held is never more than what is said.
/// </summary>
/// <remarks>Five bits of exponent and ten of fraction, with the leading one left out. A fraction that is rounded up past its end becomes the next exponent by itself.</remarks>
internal static class CompactWeight
{
    /// <summary>All bits that a code may have.</summary>
    public const uint CodeMax = (1u << 15) - 1;

    private const int FractionBits = 10;
    private const uint Exact = 2u << FractionBits;

    public static uint Value(uint code) => code < Exact ? code : ((Exact / 2) + (code & ((Exact / 2) - 1))) << (int)((code >> FractionBits) - 1);

    /// <summary>The smallest code whose value is no less than a weight; 1 at least.</summary>
    public static uint AtLeast(uint weight)
    {
        if (weight < Exact)
        {
            return Math.Max(weight, 1);
        }

        var shift = BitOperations.Log2(weight) - FractionBits;
        return ((uint)shift << FractionBits) + (uint)(((ulong)weight + (1UL << shift) - 1) >> shift);
    }

    /// <summary>What a weight is taken for; itself if it is heavier than all that can be held.</summary>
    public static long Rounded(long weight) => weight <= SlotNodes.WeightMax ? Value(AtLeast((uint)Math.Max(weight, 1))) : weight;
}
