using System.Numerics;

namespace Millpond.Local;

/// <summary>
/// Linear hashing (Litwin 1980): a table that grows by one bucket at a time. Going from n to n + 1 buckets moves only the keys of one bucket, which are told apart by one
/// more bit of their hash. O(1).
/// </summary>
internal static class LinearHash
{
    /// <summary>The bucket of a hash, whose low bits must be evenly spread, from 0 up to the number of buckets.</summary>
    public static int BucketOf(uint hash, int buckets)
    {
        var half = 1 << BitOperations.Log2((uint)buckets);
        var bucket = (int)(hash & (uint)((2 * half) - 1));
        return bucket < buckets ? bucket : bucket - half;
    }

    /// <summary>The bucket whose keys are shared out when the one numbered <paramref name="bucket"/> is added.</summary>
    public static int SourceOf(int bucket) => bucket - (1 << BitOperations.Log2((uint)bucket));
}
