using Millpond.Resp;

namespace Millpond.Redis;

/// <summary>How the shared tier uses an engine. Every process that shares it must use the same <see cref="Partitions"/>.</summary>
public sealed record RedisSharedTierOptions
{
    /// <summary>Where the engine is and how it is spoken to: <see cref="RespOptions.Parse"/> reads it from a configuration string.</summary>
    public required RespOptions Connection { get; init; }

    /// <summary>
    /// Into how many partitions a keyspace is cut; each lives on one node, with a sequence, floors and a channel of its own. Null, the default: 16 where <see cref="Connection"/> says that
    /// the engine is a cluster (<c>mode=cluster</c>), else 1. At most 1,024. More spread a keyspace over more nodes, and cost one question a heartbeat each.
    /// </summary>
    public int? Partitions { get; init; }

    /// <summary>How often a process asks a partition whether it has missed a change. After two of these without an answer, nothing held counts as fresh. Default 1 s; 50 ms to 1 min.</summary>
    public TimeSpan HeartbeatPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many scopes (tags, tenants) of a partition have a floor of their own; past it the oldest merge into the floor of the keyspace, which makes more
    /// stale than changed but never less. Default 10,000; at least 1.</summary>
    public int FloorsMax { get; init; } = 10_000;

    /// <summary>How many changes of a partition are remembered for those who missed a push. Default 1,024; at least 1.</summary>
    public int ChangesMax { get; init; } = 1_024;

    internal int PartitionCount => Partitions ?? (Connection.Mode == RespMode.Cluster ? 16 : 1);

    internal RedisSharedTierOptions Checked()
    {
        List<string> faults = [];
        Check(Partitions is null or (>= 1 and <= 1_024), nameof(Partitions), Partitions, "1 to 1,024, or null");
        Check(HeartbeatPeriod >= TimeSpan.FromMilliseconds(50) && HeartbeatPeriod <= TimeSpan.FromMinutes(1), nameof(HeartbeatPeriod), HeartbeatPeriod, "50 ms to 1 min");
        Check(FloorsMax >= 1, nameof(FloorsMax), FloorsMax, "at least 1");
        Check(ChangesMax >= 1, nameof(ChangesMax), ChangesMax, "at least 1");
        return faults.Count == 0 ? this : throw new MillpondException(ErrorCode.InvalidConfiguration, $"the shared tier on Redis: {string.Join("; ", faults)}. Correct what is named.");

        void Check(bool holds, string name, object? value, string limit)
        {
            if (!holds)
            {
                faults.Add($"{name} is {value}, it must be {limit}");
            }
        }
    }
}
