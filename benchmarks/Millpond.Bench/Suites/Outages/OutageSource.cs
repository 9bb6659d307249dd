namespace Millpond.Bench.Suites.Outages;

/// <summary>
/// A source as a database is one: it does so many queries side by side, and any beyond make all of them slower, a little more than in proportion. It takes whatever is asked of it.
/// </summary>
internal sealed class OutageSource
{
    /// <summary>Queries that it does side by side at full speed.</summary>
    public const int Capacity = 8;

    // Locks, caches and switches between queries cost more the more there are of them: ten times too many halve what is done.
    private const double Crowding = 1.3;

    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(10);
    private static readonly byte[] Value = new byte[100];

    private int _inside;
    private int _most;
    private long _queries;

    public double Slowness { get; set; } = 1;

    /// <summary>The longest that a query takes with so many at once.</summary>
    public static double LongestMs(int inside) => Usual.TotalMilliseconds * Math.Pow(Math.Max(1, (double)inside / Capacity), Crowding) * 1.5;

    public long Queries => Volatile.Read(ref _queries);

    /// <summary>The most queries at once since it was last asked.</summary>
    public int TakeMost() => Interlocked.Exchange(ref _most, Volatile.Read(ref _inside));

    public async ValueTask<byte[]> QueryAsync(CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _queries);
        var inside = Interlocked.Increment(ref _inside);
        for (var most = Volatile.Read(ref _most); inside > most; most = Volatile.Read(ref _most))
        {
            Interlocked.CompareExchange(ref _most, inside, most);
        }

        try
        {
            var times = Slowness * Math.Pow(Math.Max(1, (double)inside / Capacity), Crowding) * (0.5 + Random.Shared.NextDouble());
            await Task.Delay(Usual * times, cancellationToken);
            return Value;
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }
}
