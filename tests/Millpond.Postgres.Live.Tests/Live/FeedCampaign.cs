using System.Globalization;
using Millpond.Engines.Live;
using Millpond.Resp;
using Npgsql;

namespace Millpond.Postgres.Live.Tests.Live;

/// <summary>
/// Whatever can happen to a feed, one thing after another in an order drawn by a seed: relays are killed and frozen, the database crashes, the slot is dropped while nobody follows, the shared tier fails over. Rows are written past the caches all the while,
/// and the auditors of two caches judge what is served. For longer than its short form: MILLPOND_CAMPAIGN_SECONDS, and MILLPOND_CAMPAIGN_SEED.
/// </summary>
public sealed class FeedCampaign
{
    // So many that few change between two looks at one of them: the auditor follows a key for ten seconds and is to see one change, not the next.
    private const int Rows = 5_000;

    [Fact]
    public async Task A14_A18_A21_A23_auditors_find_nothing_stale_beyond_its_bound()
    {
        var (seconds, seed) = (Setting("MILLPOND_CAMPAIGN_SECONDS", 12), Setting("MILLPOND_CAMPAIGN_SEED", 7));
        await using var world = await World.StartAsync("fsync=on");
        await using var accidents = new FeedAccidents(world, await world.ShareAsync(), new Random(seed));
        await world.GrowAsync(Rows);
        world.ChecksPerSecond = 200;
        await world.AddAsync();
        await world.AddAsync();
        await accidents.BeginAsync();
        var writes = await Traffic.RunAsync(world, TimeSpan.FromSeconds(seconds), TimeSpan.FromMilliseconds(20), accidents.RunAsync);
        var quiet = await world.QuietAsync(TimeSpan.FromSeconds(15));

        // Whatever differed is looked at again, after a minute at the latest; then it must agree, since nobody writes any more.
        var audits = world.Providers.Take(2).Select(one => Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<ICache>(one)).ToArray();
        await World.UntilAsync(() => Array.TrueForAll(audits, cache => cache.Statistics().Audits.Single().Suspects == 0), "no key differs any more", seconds: 75);
        foreach (var audit in audits.Select(cache => cache.Statistics().Audits.Single()))
        {
            Assert.True(audit.Checks > 10 * seconds, $"{audit.Checks} checks");
            Assert.Equal(0, audit.Inconsistent);
            Assert.DoesNotContain(audit.Findings, finding => finding.IsInconsistent);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{audit.Checks} checks, {audit.Unknown} unknown: {string.Join(", ", audit.ConsistentWithin.Select(one => $"{one.Value:P4} within {one.Key.TotalSeconds} s"))}. {string.Join("; ", audit.Findings.Select(one => $"{one.Key} for {one.For}"))}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"Seed {seed}, {seconds} s: {writes} writes; {accidents}; 0 stale after {quiet}");
    }

    private static int Setting(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var given) ? given : otherwise;
}

/// <summary>What happens to the feed of a world.</summary>
internal sealed class FeedAccidents(World world, SentinelSet shared, Random random) : IAsyncDisposable
{
    private readonly List<RelayProcess> _relays = [];
    private readonly Dictionary<string, int> _happened = [];

    public override string ToString() => string.Join(", ", _happened.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Value} x {one.Key}"));

    public async Task BeginAsync()
    {
        _relays.AddRange([new(world), new(world)]);
        await FollowedAsync();
    }

    /// <summary>Each kind in an order drawn, then again, until it is over.</summary>
    public async Task RunAsync(Func<bool> isOver)
    {
        (string Name, Func<Task> Happen)[] kinds = [("relay killed", KillAsync), ("relay frozen", FreezeAsync), ("database crashed", CrashAsync), ("slot dropped", DropSlotAsync), ("shared tier failed over", FailOverAsync)];
        while (!isOver())
        {
            random.Shuffle(kinds);
            foreach (var (name, happen) in kinds)
            {
                await Task.Delay(random.Next(500, 1_500));
                if (isOver())
                {
                    return;
                }

                _happened[name] = _happened.GetValueOrDefault(name) + 1;
                await happen();
                await FollowedAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var relay in _relays)
        {
            await relay.DisposeAsync();
        }
    }

    private Task FollowedAsync() => World.UntilAsync(() => _relays.Exists(one => one.Follows), "a relay follows", seconds: 60);

    private async Task KillAsync()
    {
        await EndAsync(_relays.Find(one => one.Follows)!);
        _relays.Add(new(world));
    }

    private async Task FreezeAsync()
    {
        var frozen = _relays.Find(one => one.Follows)!;
        await frozen.FreezeAsync();
        _relays.Remove(frozen);
        await FollowedAsync();
        await frozen.DisposeAsync();
        _relays.Add(new(world));
    }

    private async Task CrashAsync()
    {
        await world.Database.KillAsync();
        await Task.Delay(random.Next(1_000));
        await world.Database.LaunchAsync();
    }

    private async Task DropSlotAsync()
    {
        foreach (var relay in _relays.ToArray())
        {
            await EndAsync(relay);
        }

        // The server may not have noticed yet that they are gone.
        for (var dropped = false; !dropped;)
        {
            try
            {
                await Database.RunAsync(world.Database, $"select pg_drop_replication_slot('{world.Slot}')");
                dropped = true;
            }
            catch (PostgresException inUse) when (inUse.SqlState == PostgresErrorCodes.ObjectInUse)
            {
                await Task.Delay(50);
            }
        }

        await Task.Delay(500);
        await BeginAsync();
    }

    private async Task FailOverAsync()
    {
        var (primary, other) = await IsPrimaryAsync(shared.Primary) ? (shared.Primary, shared.Replica) : (shared.Replica, shared.Primary);
        await primary.KillAsync();
        for (var waits = 0; waits < 600 && !await IsPrimaryAsync(other); waits++)
        {
            await Task.Delay(50);
        }

        await primary.LaunchAsync();
        await shared.SettledAsync();

        // The sentinels tell it that it is a replica now.
        for (var waits = 0; waits < 600 && await IsPrimaryAsync(primary); waits++)
        {
            await Task.Delay(50);
        }
    }

    private static async Task<bool> IsPrimaryAsync(RedisServer server)
    {
        await using var client = new RespClient(RespOptions.Parse(server.Address + ",mode=single"));
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return (await client.ExecuteAsync("ROLE")).Items[0].Text == "master";
            }
            catch (RespException) when (attempt < 400)
            {
                // A server that changes its role ends its connections.
                await Task.Delay(50);
            }
        }
    }

    private async Task EndAsync(RelayProcess relay)
    {
        _relays.Remove(relay);
        await relay.DisposeAsync();
    }
}
