using Microsoft.Extensions.DependencyInjection;

namespace Millpond.Chaos.Live;

/// <summary>A row of the database. Its version was set by the transaction that committed it, one more than the one before.</summary>
internal sealed record Row(int Key, long Version, string Text);

/// <summary>What all processes declare alike, and what the oracles count with.</summary>
internal static class Pond
{
    public const string Plain = "plain";
    public const string Lazy = "lazy";
    public const string Slow = "slow";
    public const int Keys = 240;
    public const int Tags = 12;

    /// <summary>A key that only the tests of loads ask for, and whose load takes its time.</summary>
    public const int SlowKey = Keys + 1;

    /// <summary>A key that only the tests of loads ask for, and whose load is a usual one.</summary>
    public const int HerdKey = Keys + 2;

    private const int FirstLazy = 180;

    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(20);
    /// <summary>Of the slow key: its holder is killed in mid-load.</summary>
    public static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(4);
    public static readonly TimeSpan SlowLoad = TimeSpan.FromSeconds(1);

    /// <summary>Longer than a lease and a load: who waits for a holder that died may have the next lease, instead of loading without one.</summary>
    public static readonly TimeSpan LeaseWaitMax = TimeSpan.FromSeconds(8);

    // No load is to fail because the machine has more to do than it can.
    private static readonly TimeSpan LoadTimeoutElsewhere = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LazyStale = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeaseMargin = TimeSpan.FromSeconds(1);

    /// <summary>How long a lease lives without a sign of its holder: one that died, or that never heard of the grant.</summary>
    public static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(4);

    public static bool IsLazy(int key) => key is >= FirstLazy and < Keys;

    public static TimeSpan StaleTime(int key) => IsLazy(key) ? LazyStale : TimeSpan.Zero;

    public static int TagOf(int key) => key % Tags;

    /// <summary>After this, nothing from before a change that the shared tier has made is served, whatever broke: two heartbeats and the policy's stale window.</summary>
    public static TimeSpan Bound(int key) => (2 * Heartbeat) + StaleTime(key);

    public static void Declare(KeyspaceBuilder<int, Row> keyspace, string name, Func<int, CancellationToken, ValueTask<Row?>> load)
    {
        keyspace.Load(load).Tags((key, _) => [$"t{TagOf(key)}"]);
        keyspace.Policy(policy =>
        {
            policy.TimeToLive = TimeToLive;
            policy.NegativeTimeToLive = TimeToLive;
            policy.LoadTimeout = name == Slow ? LoadTimeout : LoadTimeoutElsewhere;
            policy.StaleWhileRevalidate = name == Lazy ? LazyStale : TimeSpan.Zero;
            policy.RefreshAhead = name == Lazy ? 0.8 : 0;
        });
        keyspace.Limits(limits => (limits.LeaseTime, limits.LeaseMargin, limits.LeaseWaitMax) = (LeaseTime, LeaseMargin, LeaseWaitMax));
    }
}
