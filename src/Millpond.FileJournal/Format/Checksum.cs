using System.Numerics;
using System.Runtime.InteropServices;

namespace Millpond.FileJournal.Format;

/// <summary>CRC-32C (Castagnoli), which processors compute themselves: it finds every burst of up to 32 flipped bits.</summary>
internal static class Checksum
{
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
        {
            crc = BitOperations.Crc32C(crc, word);
        }

        foreach (var one in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }
}
