using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millpond.Overload;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;
using Millpond.Tests.Telemetry;

namespace Millpond.Tests.WarmingUp;

/// <summary>Metrics, log lines and statistics of warm-up, of sources and of breakers; and the settings that are refused.</summary>
public sealed class SayingHowItStands : IDisposable
{
    private readonly Folder _folder = new();

    [Fact]
    public void Metrics_and_the_log_say_what_became_of_its_keys() => Caches.Run(async caches =>
    {
        var logs = new Logs();
        var source = WarmProcess.Full();
        var process = Watched.In(
            caches, source, k => k.WarmUp(w => w.Keys([1, 2, 5_000]).HeldInLastRun()), logs: logs, more: m => m.Configure(o => o.SnapshotFolder = _folder.Path));
        var start = process.Services.GetServices<IHostedService>().Single();
        Assert.Equal([1.0], process.Meters.Of("millpond.warm_up.running"));

        await start.StartAsync(CancellationToken.None);
        caches.Settle();
        Assert.Equal((0, 2, 1, 0), (Sum("millpond.warm_up.running"), Sum("millpond.warm_up.keys", "result=loaded"), Sum("millpond.warm_up.keys", "result=missing"), Sum("millpond.misses")));
        var line = Assert.Single(logs.Of(100));
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Contains("(Complete) with 3 of 3 keys: 0 were here, 0 came from the shared tier, 2 from the source, 1 do not exist, 0 could not be read", line.Text, StringComparison.Ordinal);

        await start.StopAsync(CancellationToken.None);
        Assert.Contains("keyspace thing: 2 keys that were held and 0 that were read most are left for the next run in", Assert.Single(logs.Of(102)).Text, StringComparison.Ordinal);

        double Sum(string name, params string[] tags) => process.Meters.Sum(name, tags);
    });

    [Fact]
    public void What_goes_wrong_is_a_warning() => Caches.Run(async caches =>
    {
        var logs = new Logs();
        var source = WarmProcess.Full();
        source.Failure = new TimeoutException();
        Directory.CreateDirectory(_folder["default.thing.keys"]);
        File.WriteAllText(_folder["default.other.keys"], "torn");
        var process = Watched.In(
            caches, source, k => k.WarmUp(w => w.Keys([1]).HeldInLastRun()), logs: logs,
            more: m => m.Configure(o => o.SnapshotFolder = _folder.Path).AddKeyspace<long, string>("other", k => k.WarmUp(w => w.MostReadInLastRun())));
        await process.Services.Host().StartAsync(CancellationToken.None);
        caches.Settle();
        Assert.Equal([LogLevel.Warning, LogLevel.Warning], logs.Of(100).Select(line => line.Level));
        Assert.Contains("keyspace other: the last run could not say which keys to warm up", Assert.Single(logs.Of(101)).Text, StringComparison.Ordinal);

        source.Failure = null;
        await process.Things.GetAsync(2);
        await process.Services.DisposeAsync();
        Assert.Contains("could not be left in", Assert.Single(logs.Of(103)).Text, StringComparison.Ordinal);
    });

    [Fact]
    public void Statistics_say_how_sources_and_breakers_stand() => Caches.Run(async caches =>
    {
        var tier = caches.Faulty();
        var source = new Source { [1] = "one" };
        var process = Watched.In(
            caches, source, tier: tier, more: m => m.Configure(o => o.Sources["default"] = new SourceLimits { ConcurrentLoadsMax = 1, WaitingLoadsMax = 1 }));
        source.Hold();
        Task[] callers = [process.Things.GetAsync(1).AsTask(), process.Things.GetAsync(2).AsTask(), process.Things.GetAsync(3).AsTask()];
        await Assert.ThrowsAsync<MillpondException>(() => callers[2]);

        var its = Assert.Single(process.Services.GetRequiredService<ICache>().Statistics().Sources);
        Assert.Equal(("default", 1, 1, 1, BreakerState.Closed), (its.Name, its.Limit, its.Inside, its.Waiting, its.Breaker));
        Assert.Equal((1, 0), (its.Refused["queue_full"], its.Refused["breaker_open"]));
        source.Release();
        await callers[1];

        tier.Operations.IsDown = true;
        for (var key = 10; key < 20; key++)
        {
            await process.Things.GetAsync(key);
        }

        var thing = process.Services.GetRequiredService<ICache>().Statistics().Keyspaces.Single(one => one.Name == "thing");
        Assert.Equal((BreakerState.Open, null), (thing.SharedBreaker, thing.WarmUp));
    }, sharedBytes: 1 << 20);

    [Theory]
    [InlineData("Keyspaces:thing:WarmUp:TimeMax", "00:00:00", "Keyspaces:thing:WarmUp:TimeMax is 00:00:00; it must be from 00:00:00.0010000")]
    [InlineData("Keyspaces:thing:WarmUp:KeysMax", "0", "Keyspaces:thing:WarmUp:KeysMax is 0; it must be from 1 to 1000000")]
    [InlineData("Keyspaces:thing:WarmUp:Keys", "5", "Keyspaces:thing:WarmUp:Keys is not a setting. Known here: TimeMax, KeysMax")]
    [InlineData("Keyspaces:plain:WarmUp:KeysMax", "5", "Keyspaces:plain:WarmUp is not a setting")]
    [InlineData("SnapshotFolder", " ", "Millpond:SnapshotFolder is blank")]
    [InlineData("Keyspaces:thing:Limits:LocalBytesMax", "0", "keeps nothing in this process (LocalBytesMax is 0), so nothing would be warm")]
    public void A_setting_that_cannot_be_meant_is_a_fault(string name, string value, string fault) => Caches.Run(caches =>
    {
        Assert.Contains(fault, FaultsOf(caches, k => k.WarmUp(w => w.Keys([1])), (name, value)), StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [Fact]
    public void Faults_of_warm_ups_are_told_all_at_once() => Caches.Run(caches =>
    {
        var told = FaultsOf(caches, k => k.WarmUp(w => w.HeldInLastRun().Within(o => o.KeysMax = -1)), ("Keyspaces:plain:Jitter", "2"));
        Assert.Contains("wants the keys of the last run, but SnapshotFolder does not say where those are kept", told, StringComparison.Ordinal);
        Assert.Contains("KeysMax is -1", told, StringComparison.Ordinal);
        Assert.Contains("Jitter is 2", told, StringComparison.Ordinal);
        Assert.Contains("names no source of keys", FaultsOf(caches, k => k.WarmUp(_ => { })), StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [Fact]
    public void Configuration_overrides_its_bounds_and_its_folder() => Caches.Run(async caches =>
    {
        var services = caches.Add(
            m => m.AddKeyspace<int, string>("thing", k => k.Load((key, _) => new($"{key}")).WarmUp(w => w.Keys([1, 2, 3]).HeldInLastRun().Within(o => o.KeysMax = 3))),
            configuration: Of([("Keyspaces:thing:WarmUp:KeysMax", "2"), ("SnapshotFolder", _folder["deeper/still"])]));
        await services.Host().StartAsync(CancellationToken.None);
        caches.Settle();
        Assert.Equal(2, services.GetRequiredService<ICache>().Statistics().Keyspaces.Single(one => one.Name == "thing").WarmUp!.Loaded);
        await services.DisposeAsync();
        Assert.True(File.Exists(_folder["deeper/still/default.thing.keys"]));
    });

    public void Dispose() => _folder.Dispose();

    private static string FaultsOf(Caches caches, Action<KeyspaceBuilder<int, string>> declare, params (string Name, string Value)[] settings)
    {
        var provider = caches.Add(m => m.AddKeyspace("thing", declare).AddKeyspace<int, string>("plain", _ => { }), configuration: Of(settings));
        return Expect.Error(ErrorCode.InvalidConfiguration, () => { _ = provider.GetRequiredService<ICache>(); }, "cache 'default'").Message;
    }

    private static IConfiguration Of((string Name, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(one => KeyValuePair.Create("Millpond:" + one.Name, (string?)one.Value))).Build();
}
