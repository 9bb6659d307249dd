namespace Catalog.Database;

/// <summary>Counts by kind of query; any thread may count, any thread may read.</summary>
internal sealed class QueryCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<QueryKind>().Length];

    public void Count(QueryKind kind) => Interlocked.Increment(ref _counts[(int)kind]);

    public long Of(QueryKind kind) => Volatile.Read(ref _counts[(int)kind]);

    public long Total => _counts.Select((_, index) => Volatile.Read(ref _counts[index])).Sum();
}
