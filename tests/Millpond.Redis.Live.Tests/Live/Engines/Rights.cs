namespace Millpond.Redis.Live.Tests.Live.Engines;

/// <summary>What docs/redis.md says that a login needs; the tests run with exactly that.</summary>
internal static class Rights
{
    private static readonly string[] Everywhere =
    [
        "~{test:*", "&{test:*", "-@all", "+hello", "+ping", "+info", "+command|info", "+time", "+mget", "+del", "+subscribe", "+unsubscribe", "+ssubscribe", "+sunsubscribe",
    ];

    /// <summary>With scripts. A script needs the right to what it calls.</summary>
    public static readonly string[] Scripted =
    [
        .. Everywhere, "+script|load", "+evalsha", "+exists", "+get", "+set", "+setrange", "+incrby", "+decrby", "+pexpire", "+pttl", "+zadd", "+zcard", "+zrange", "+zpopmin", "+lpush", "+lrange", "+ltrim", "+publish", "+spublish",
    ];

    /// <summary>Without.</summary>
    public static readonly string[] Watched =
    [
        .. Everywhere, "+watch", "+unwatch", "+multi", "+exec", "+get", "+getrange", "+set", "+setrange", "+incrby", "+pexpire", "+pttl", "+zadd", "+zcard", "+zmscore", "+zrange", "+zrem", "+lpush", "+lrange", "+ltrim", "+publish",
        "+spublish",
    ];

    /// <summary>Of a login that uses journals and nothing else.</summary>
    public static readonly string[] Journals =
    [
        "~{test*", "-@all", "+hello", "+ping", "+info", "+command|info", "+time", "+config|get", "+script|load", "+evalsha", "+exists", "+hget", "+hmget", "+hset", "+hdel", "+xadd", "+xlen", "+xrange", "+xtrim", "+xdel", "+xread",
        "+zadd", "+zcard", "+zrem", "+zrangebyscore", "+wait",
    ];

    /// <summary>What is needed beside these in a cluster.</summary>
    public static readonly string[] InCluster = ["+cluster|slots", "+asking"];
}
