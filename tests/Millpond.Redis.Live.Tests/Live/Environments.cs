using Millpond.Engines.Live;
using Millpond.Redis.Live.Tests.Live.Engines;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Live.Tests.Live;

/// <summary>Two environments on one engine, each with the login that docs/redis.md gives it.</summary>
public sealed class Environments
{
    [Fact]
    public async Task One_environments_login_neither_reads_nor_changes_nor_hears_nor_flushes_what_is_anothers()
    {
        var token = TestContext.Current.CancellationToken;
        await using var server = await RedisServer.StartAsync([.. Login("staging"), .. Login("live")]);
        await using var staging = TierOf(server, "staging");
        await using var live = TierOf(server, "live");
        await staging.ConnectAsync(token);
        await live.ConnectAsync(token);
        var (mine, theirs) = (new SharedKey(new PartitionId("staging:product:v1", 0), "7"), new SharedKey(new PartitionId("live:product:v1", 0), "7"));
        await staging.PutAsync(mine, Record(1), token);
        await live.PutAsync(theirs, Record(2), token);

        await Denied(() => staging.ReadAsync(theirs, null, token).AsTask());
        await Denied(() => staging.PutAsync(theirs, Record(3), token).AsTask());
        await Denied(() => staging.ChangeAsync(theirs.Partition, [Change.OfKeyspace()], token).AsTask());
        await Denied(() => staging.ReadControlAsync(theirs.Partition, 0, default, token).AsTask());
        await Denied(() => staging.SubscribeAsync(theirs.Partition, new Deaf(), token).AsTask());
        foreach (var (command, arguments) in new (string, RespArgument[])[] { ("FLUSHALL", []), ("FLUSHDB", []), ("KEYS", ["*"]), ("SWAPDB", [0, 1]), ("SHUTDOWN", ["NOSAVE"]), ("CONFIG", ["GET", "*"]) })
        {
            var refused = await Assert.ThrowsAnyAsync<RespException>(() => staging.Client.ExecuteAsync(new RespCommand(command, arguments)).AsTask());
            Assert.Contains("NOPERM", refused.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, (await staging.ReadAsync(mine, null, token)).Record!.Payload.Span[0]);
        Assert.Equal(2, (await live.ReadAsync(theirs, null, token)).Record!.Payload.Span[0]);
    }

    private static async Task Denied(Func<Task> call) =>
        Assert.Contains("NOPERM", (await Assert.ThrowsAsync<SharedTierException>(call)).ToString(), StringComparison.Ordinal);

    // Rights name test:*, which stands for a prefix.
    private static string[] Login(string prefix) =>
        ["--user", prefix, "on", $">{prefix}-secret", .. Rights.Scripted.Select(right => right.Replace("{test:*", $"{{{prefix}:*", StringComparison.Ordinal))];

    private static RedisSharedTier TierOf(RedisServer server, string prefix) =>
        new(new RedisSharedTierOptions { Connection = RespOptions.Parse($"{server.Address},user={prefix},password={prefix}-secret") });

    private static SharedRecord Record(byte content) => new()
    {
        Kind = RecordKind.Value, Payload = new[] { content }, Stamp = 0, Incarnation = default, TimeToLive = TimeSpan.FromMinutes(1), HardTimeToLive = TimeSpan.FromMinutes(1),
    };

    private sealed class Deaf : IPushSink
    {
        public void OnChange(PartitionId partition, Incarnation incarnation, in SequencedChange change)
        {
        }

        public void OnBroken(PartitionId partition, string reason)
        {
        }
    }
}
