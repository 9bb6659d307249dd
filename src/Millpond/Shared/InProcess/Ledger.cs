namespace Millpond.Shared.InProcess;

/// <summary>What all partitions of a tier weigh together, against the limit.</summary>
internal sealed class Budget(long bytesMax)
{
    private long _bytes;

    public long BytesMax => bytesMax;

    public bool IsOver => bytesMax > 0 && Volatile.Read(ref _bytes) > bytesMax;

    public long Bytes => Volatile.Read(ref _bytes);

    public void Add(long bytes) => Interlocked.Add(ref _bytes, bytes);
}

/// <summary>What one partition weighs. Written under the partition's lock, read from anywhere.</summary>
internal sealed class Ledger(Budget budget)
{
    private long _bytes;

    public long Bytes => Volatile.Read(ref _bytes);

    public void Add(long bytes)
    {
        Volatile.Write(ref _bytes, _bytes + bytes);
        budget.Add(bytes);
    }
}
