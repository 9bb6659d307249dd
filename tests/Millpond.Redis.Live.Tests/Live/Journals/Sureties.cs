using Millpond.Engines.Live;
using Millpond.Journals;
using Millpond.Resp;

namespace Millpond.Redis.Live.Tests.Live.Journals;

/// <summary>An engine that does not keep what is asked of it is refused, and one that stops keeping it acknowledges nothing.</summary>
public sealed class Sureties
{
    private const JournalSurvival WithReplica = JournalSurvival.ProcessDeath | JournalSurvival.MachineLoss;

    [Fact]
    public async Task An_engine_that_writes_late_or_never_is_refused_where_power_may_fail()
    {
        await using var memory = await RedisServer.StartAsync();
        Assert.Contains("appendonly is not 'yes'", (await JournalRig.CannotOpenAsync(memory, JournalSurvival.PowerLoss)).Message, StringComparison.Ordinal);
        await using var late = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "everysec");
        Assert.Contains("appendfsync is 'everysec'", (await JournalRig.CannotOpenAsync(late, JournalSurvival.PowerLoss)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_evicts_anything_is_refused()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lfu");
        Assert.Contains("allkeys-lfu", (await JournalRig.CannotOpenAsync(server, JournalSurvival.ProcessDeath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_acknowledged_that_a_replica_does_not_have()
    {
        await using var server = await RedisServer.StartAsync();
        Assert.Contains("0 replicas follow it", (await JournalRig.CannotOpenAsync(server, WithReplica)).Message, StringComparison.Ordinal);
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await using var told = new RespClient(RespOptions.Parse(replica.Address));
        while (!(await told.ExecuteAsync("INFO", "replication")).Text!.Contains("master_link_status:up", StringComparison.Ordinal))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await using var journal = JournalRig.On(server, WithReplica, timeoutMilliseconds: 4_000);
        await JournalRig.BackAsync(async () =>
        {
            await journal.OpenAsync(JournalRig.Keyspace, TestContext.Current.CancellationToken);
            return true;
        });
        await journal.SetAsync("a", "1");

        // It has the write that was acknowledged, without anything else being said to either of them.
        Assert.Contains((await told.ExecuteAsync("KEYS", "*")).Items, key => key.Text!.EndsWith("records", StringComparison.Ordinal));
        await replica.PauseAsync();
        var failure = await Assert.ThrowsAsync<JournalException>(() => journal.SetAsync("a", "2").AsTask());
        await replica.ResumeAsync();
        Assert.Equal(JournalFailure.OutcomeUnknown, failure.Failure);
        Assert.Contains("WAIT, at least 1", failure.Message, StringComparison.Ordinal);
        await journal.SetAsync("a", "3");
    }
}
