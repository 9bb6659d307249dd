using Millpond.Engines.Live;
using Millpond.Resp;

namespace Millpond.Chaos.Live.Accidents;

/// <summary>A primary and a replica, watched by three sentinels.</summary>
internal sealed class WatchedPair : EngineSet
{
    private readonly SentinelSet _set;

    private WatchedPair(SentinelSet set) => (_set, Nodes) = (set, [set.Primary, set.Replica]);

    public override string Configuration => _set.Configuration;

    public override IReadOnlyList<RedisServer> Nodes { get; }

    public static async Task<EngineSet> StartAsync()
    {
        var pair = new WatchedPair(await SentinelSet.StartAsync(downAfterMilliseconds: 1_000));
        await pair.WholeAsync();
        return pair;
    }

    public override async Task FailOverAsync(RedisServer primary)
    {
        await TellAsync(_set.Sentinels[0], "SENTINEL", "FAILOVER", SentinelSet.ServiceName);
        await TakenOverAsync(primary);
    }

    public override Task TakenOverAsync(RedisServer lost) => UntilAsync("the sentinels name another primary", async () =>
        await ElectedAsync(_set.Sentinels[0]) is { } port && port != lost.Port && await RoleAsync(Nodes.Single(node => node.Port == port)) == "master");

    public override Task WholeAsync() => UntilAsync("the sentinels agree, both nodes run and the replica follows", IsWholeAsync);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _set.DisposeAsync();
    }

    // From the beginning each time: the sentinels may change their minds meanwhile.
    private async Task<bool> IsWholeAsync()
    {
        HashSet<int?> elected = [];
        foreach (var sentinel in _set.Sentinels)
        {
            elected.Add(await ElectedAsync(sentinel));
        }

        if (elected.Count != 1 || Nodes.SingleOrDefault(node => node.Port == elected.Single()) is not { } primary)
        {
            return false;
        }

        var replica = Nodes.Single(node => node != primary);
        if (await RoleAsync(primary) is var role && role != "master")
        {
            if (role == "slave" && await RoleAsync(replica) == "slave")
            {
                // The one that was a replica when it was described starts as one again; where sentinels may write its configuration it would not.
                await TellAsync(primary, "REPLICAOF", "NO", "ONE");
            }

            return false;
        }

        if (await RoleAsync(replica) == "master")
        {
            // The sentinels would do the same a dozen seconds later.
            await TellAsync(replica, "REPLICAOF", "127.0.0.1", primary.Port);
        }

        if (!(await TellAsync(replica, "INFO", "replication")).Text!.Contains("master_link_status:up", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var sentinel in _set.Sentinels)
        {
            var told = await TellAsync(sentinel, "SENTINEL", "MASTER", SentinelSet.ServiceName);
            var replicas = await TellAsync(sentinel, "SENTINEL", "REPLICAS", SentinelSet.ServiceName);
            if (told.Find("num-other-sentinels")!.Text != "2" || told.Find("flags")!.Text != "master"
                || !replicas.Items.Any(one => one.Find("flags")!.Text == "slave" && one.Find("master-link-status")!.Text == "ok"))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<int?> ElectedAsync(RedisServer sentinel)
    {
        var told = await TellAsync(sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", SentinelSet.ServiceName);
        return told.Items.Count == 2 ? int.Parse(told.Items[1].Text!, System.Globalization.CultureInfo.InvariantCulture) : null;
    }
}
