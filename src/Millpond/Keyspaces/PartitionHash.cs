namespace Millpond.Keyspaces;

/// <summary>
/// Which partition a key belongs to. Every process and every version must agree for ever, so this is FNV-1a over the key's UTF-16 code units, written
/// down here, and not the platform's hash.
/// </summary>
internal static class PartitionHash
{
    public static int Of(string text, int partitions)
    {
        if (partitions == 1)
        {
            return 0;
        }

        // The low bits of FNV are its weakest; fold the high ones in.
        var hash = Whole(text);
        return (int)((hash ^ (hash >> 32)) % (uint)partitions);
    }

    /// <summary>The whole number, for whatever else must be the same everywhere and for ever.</summary>
    public static ulong Whole(ReadOnlySpan<char> text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        return hash;
    }
}
