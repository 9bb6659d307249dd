using Millpond.Resp;

namespace Millpond.Redis.Tests;

public class Configurations
{
    [Theory]
    [InlineData("cache-1", 1_000, 1)]
    [InlineData("cache-1,timeout=250", 250, 1)]
    [InlineData("cache-1,asyncTimeout=250,keepAlive=7", 250, 7)]
    [InlineData("cache-1,syncTimeout=250", 250, 1)]
    [InlineData("cache-1,connectTimeout=250", 1_000, 1)]
    [InlineData("cache-1,keepAlive=3", 1_000, 3)]
    [InlineData("redis://cache-1?timeout=250&keepAlive=3", 250, 3)]
    [InlineData("redis://cache-1", 1_000, 1)]
    public void A_cache_waits_a_second_and_asks_after_a_heartbeat_unless_told_otherwise(string configuration, int timeoutMilliseconds, int keepAliveSeconds)
    {
        var connection = RedisConfiguration.Parse(configuration).Connection;
        Assert.Equal(TimeSpan.FromMilliseconds(timeoutMilliseconds), connection.CommandTimeout);
        Assert.Equal(TimeSpan.FromSeconds(keepAliveSeconds), connection.KeepAlive);
    }

    [Theory]
    [InlineData("cache-1", null, 1)]
    [InlineData("cache-1,mode=cluster", null, 16)]
    [InlineData("cache-1,mode=cluster", 4, 4)]
    [InlineData("cache-1", 3, 3)]
    public void A_cluster_has_sixteen_partitions_and_one_node_has_one_unless_told_otherwise(string configuration, int? partitions, int expected) =>
        Assert.Equal(expected, (RedisConfiguration.Parse(configuration) with { Partitions = partitions }).PartitionCount);

    [Fact]
    public void What_a_configuration_does_not_know_is_refused_by_the_client() => Assert.Throws<RespException>(() => RedisConfiguration.Parse("cache-1,speed=high"));

    [Fact]
    public void Options_that_cannot_be_are_refused_all_at_once()
    {
        var options = RedisConfiguration.Parse("cache-1") with { Partitions = 0, HeartbeatPeriod = TimeSpan.FromMilliseconds(1), FloorsMax = 0, ChangesMax = -1 };
        var refused = Assert.Throws<MillpondException>(() => new RedisSharedTier(options));
        Assert.Equal(ErrorCode.InvalidConfiguration, refused.Code);
        Assert.All((string[])["Partitions", "HeartbeatPeriod", "FloorsMax", "ChangesMax"], name => Assert.Contains(name, refused.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, 50, 1)]
    [InlineData(1_024, 60_000, 1)]
    public async Task Options_at_their_limits_are_taken(int partitions, int heartbeatMilliseconds, int floors)
    {
        var options = RedisConfiguration.Parse("cache-1") with { Partitions = partitions, HeartbeatPeriod = TimeSpan.FromMilliseconds(heartbeatMilliseconds), FloorsMax = floors, ChangesMax = 1 };
        await using var tier = new RedisSharedTier(options);
        Assert.Equal(partitions, tier.Capabilities.PartitionsPerKeyspace);
    }
}
