namespace Millpond.Local;

/// <summary>Spreads a table's 32-bit hash over 64 bits in a way that nobody outside can foresee. A few multiplications.</summary>
internal readonly struct SeededHash(ulong seed)
{
    /// <summary>The finalizer of splitmix64 (Steele, Lea and Flood 2014): every bit of the hash reaches every bit of the result.</summary>
    public ulong Of(uint hash)
    {
        var x = hash ^ seed;
        x = (x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9;
        x = (x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB;
        return x ^ (x >> 31);
    }
}
