using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Telemetry;

public sealed class Logging
{
    [Fact]
    public void The_start_says_what_the_shared_tier_is_and_each_thing_it_lacks() => Caches.Run(async caches =>
    {
        var logs = new Logs();
        var process = Watched.In(caches, new Source(), tier: new LackingTier(caches.Shared, "no push", "no leases"), logs: logs);
        await StartAsync(process);

        Assert.Contains("shared tier 'in process'", Assert.Single(logs.Of(1)).Text, StringComparison.Ordinal);
        Assert.Equal(["no push", "no leases"], logs.Of(2).Select(line => line.Text[(line.Text.LastIndexOf(':') + 2)..]));
        Assert.All(logs.Of(2), line => Assert.Equal(LogLevel.Warning, line.Level));
    });

    [Fact]
    public void A_start_without_the_shared_tier_is_a_warning_and_a_start() => Caches.Run(async caches =>
    {
        var logs = new Logs();
        var tier = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        tier.Operations.IsDown = true;
        await StartAsync(Watched.In(caches, new Source(), tier: tier, logs: logs));

        Assert.Equal(LogLevel.Warning, Assert.Single(logs.Of(3)).Level);
        Assert.Empty(logs.Of(1));
    });

    [Fact]
    public void A_trouble_that_goes_on_is_one_line_and_then_one_sum_for_each_ten_seconds() => Caches.Run(async caches =>
    {
        var logs = new Logs();
        var tier = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var process = Watched.In(caches, new Source(), tier: tier, logs: logs);
        await process.Things.GetAsync(1);
        tier.Operations.FailNext(SharedOperation.Read, FaultPoint.BeforeEffect, times: 5);
        for (var key = 10; key < 15; key++)
        {
            await process.Things.GetAsync(key);
        }

        Assert.Contains("'read'", Assert.Single(logs.Of(20)).Text, StringComparison.Ordinal);
        Assert.Empty(logs.Of(21));
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Contains("failed 'read' 4 more times in 10 s", Assert.Single(logs.Of(21)).Text, StringComparison.Ordinal);

        caches.Advance(TimeSpan.FromSeconds(10));
        tier.Operations.FailNext(SharedOperation.Read, FaultPoint.BeforeEffect);
        await process.Things.GetAsync(15);
        Assert.Equal(2, logs.Of(20).Length);
        Assert.Single(logs.Of(21));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_channel_that_breaks_and_comes_back_is_two_lines() => Caches.Run(async caches =>
    {
        var logs = new Logs();
        var tier = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var process = Watched.In(caches, new Source(), tier: tier, logs: logs);
        await process.Things.GetAsync(7);
        Assert.Empty(logs.Of(11));
        Assert.Equal(LogLevel.Debug, Assert.Single(logs.Of(15)).Level);

        tier.Pushes.BreakChannels("the cable");
        caches.Advance(TimeSpan.FromSeconds(2));

        Assert.Contains("the cable", Assert.Single(logs.Of(10)).Text, StringComparison.Ordinal);
        Assert.Single(logs.Of(11));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_shared_tier_in_another_life_is_a_warning() => Caches.Run(async caches =>
    {
        var logs = new Logs();
        var tier = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var process = Watched.In(caches, new Source(), tier: tier, logs: logs);
        await process.Things.GetAsync(7);
        caches.Shared.RestartEmpty();
        caches.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(LogLevel.Warning, Assert.Single(logs.Of(14)).Level);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Changes_that_wait_and_changes_that_were_told_at_last_are_said() => Caches.Run(async caches =>
    {
        var logs = new Logs();
        var tier = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var process = Watched.In(caches, new Source(), tier: tier, logs: logs);
        await process.Things.GetAsync(7);
        tier.Operations.FailNext(SharedOperation.Change, FaultPoint.BeforeEffect);
        await process.Things.InvalidateAsync(7);
        Assert.Contains("1 wait to be told", Assert.Single(logs.Of(40)).Text, StringComparison.Ordinal);

        caches.Advance(TimeSpan.FromSeconds(5));
        Assert.Single(logs.Of(42));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void Values_and_loads_that_failed_are_told_without_keys_or_values() => Caches.Run(async caches =>
    {
        var logs = new Logs();
        var source = new Source { [4711] = new string('x', 5_000) };
        var process = Watched.In(caches, source, k => k.Limits(l => l.ValueBytesMax = 1_000), logs: logs);
        await process.Things.GetAsync(4711);
        source.Failure = new TimeZoneNotFoundException();
        await Assert.ThrowsAsync<MillpondException>(() => process.Things.GetAsync(4712).AsTask());

        Assert.Single(logs.Of(30));
        Assert.Equal(LogLevel.Debug, Assert.Single(logs.Of(60)).Level);
        Assert.DoesNotContain(logs.Of(30, 60), line => line.Text.Contains("47", StringComparison.Ordinal) || line.Text.Contains("xx", StringComparison.Ordinal));
    });

    [Fact]
    public void Configuration_that_changes_is_told_to_be_in_force_or_refused() => Caches.Run(async caches =>
    {
        var logs = new Logs();
        var configuration = new ConfigurationManager();
        var provider = caches.Add(
            m => m.AddKeyspace<int, string>("thing", k => k.Load((_, _) => new((string?)"x"))),
            configuration: configuration,
            more: services => services.AddLogging(logging => logging.AddProvider(logs)));
        _ = provider.GetRequiredService<ICache>();
        await Task.CompletedTask;

        configuration["Millpond:Keyspaces:thing:TimeToLive"] = "00:00:01";
        ((IConfigurationRoot)configuration).Reload();
        Assert.NotEmpty(logs.Of(51));
        configuration["Millpond:Keyspaces:thing:TimeToLive"] = "-1";
        ((IConfigurationRoot)configuration).Reload();
        Assert.NotEmpty(logs.Of(50));
        Assert.All(logs.Of(50), line => Assert.Equal(LogLevel.Error, line.Level));
    });

    private static async Task StartAsync(Watched process)
    {
        foreach (var service in process.Services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }
    }
}
