namespace Millpond.Resp;

/// <summary>Which of a cluster's 16,384 slots a key belongs to: CRC16 (XMODEM) of the key, or of what stands between its first <c>{</c> and the next <c>}</c>.</summary>
public static class RespSlot
{
    /// <summary>No key: any node may answer.</summary>
    public const int Any = -1;

    /// <summary>How many slots a cluster has.</summary>
    public const int Count = 16384;

    private static readonly ushort[] Table = MakeTable();

    /// <summary>The slot of a key.</summary>
    /// <param name="key">The key's bytes.</param>
    /// <returns>0 to 16,383.</returns>
    public static int Of(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open >= 0)
        {
            var length = key[(open + 1)..].IndexOf((byte)'}');
            if (length > 0)
            {
                key = key.Slice(open + 1, length);
            }
        }

        ushort sum = 0;
        foreach (var b in key)
        {
            sum = (ushort)((sum << 8) ^ Table[(sum >> 8) ^ b]);
        }

        return sum & (Count - 1);
    }

    // The polynomial x^16 + x^12 + x^5 + 1, most significant bit first.
    private static ushort[] MakeTable()
    {
        var table = new ushort[256];
        for (var i = 0; i < table.Length; i++)
        {
            var sum = i << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 0x8000) != 0 ? (sum << 1) ^ 0x1021 : sum << 1;
            }

            table[i] = (ushort)sum;
        }

        return table;
    }
}
