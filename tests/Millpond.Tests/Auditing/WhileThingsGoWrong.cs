using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Auditing;

public sealed class WhileThingsGoWrong
{
    private static readonly TimeSpan HalfAMinute = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_source_that_fails_is_no_inconsistency_and_the_auditor_goes_on_when_it_is_back() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var process = await Process.StartAsync(caches, source);
        await process.ReadAsync(7, 8);
        source.Failure = new InvalidOperationException("The source is away.");
        caches.Advance(HalfAMinute);
        Assert.Equal((0L, 0), (process.Audit.Checks, process.Audit.Suspects));
        Assert.InRange(process.Audit.Unknown, 25, 30);
        source.Failure = null;
        caches.Advance(TimeSpan.FromMinutes(2));
        Assert.True(process.Audit.Checks > 60);
    });

    [Fact]
    public void A_source_that_hangs_is_given_up_after_the_time_of_a_load() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var process = await Process.StartAsync(caches, source, declare: k => k.Policy(p => p.LoadTimeout = TimeSpan.FromSeconds(5)));
        await process.ReadAsync(7, 8);
        source.Hold();
        for (var n = 0; n < 30; n++)
        {
            caches.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(process.Audit.Unknown, 4, 5);
    });

    [Fact]
    public void More_suspects_than_are_followed_are_counted() => Caches.Run(async caches =>
    {
        var source = new Source();
        Enumerable.Range(0, 100).ToList().ForEach(key => source[key] = "old");
        var process = await Process.StartAsync(caches, source, o => (o.ChecksPerSecond, o.SuspectsMax) = (100, 5));
        await process.ReadAsync(0, 100);
        Enumerable.Range(0, 100).ToList().ForEach(key => source[key] = "new");
        caches.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal(5, process.Audit.Suspects);
        Assert.InRange(process.Audit.NotFollowed, 80, 90);
    });

    [Fact]
    public void Values_that_cannot_be_compared_are_not_called_different() => Caches.Run(async caches =>
    {
        var services = caches.Add(m => m
            .Configure(o => o.Audit.ChecksPerSecond = 1)
            .AddKeyspace<int, Opaque>("opaque", k => k.Load((_, _) => new(new Opaque()))));
        var cache = (CacheHost)services.GetRequiredService<ICache>();
        await cache.StartAsync(default);
        await services.GetRequiredService<IKeyspace<int, Opaque>>().GetAsync(1);
        caches.Advance(HalfAMinute);
        var audit = cache.Statistics().Audits.Single();
        Assert.Equal((0L, 0), (audit.Checks, audit.Suspects));
        Assert.InRange(audit.Unknown, 28, 30);
    });

    [Fact]
    public void It_is_off_until_configuration_turns_it_on_and_off_again() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "seven" };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Millpond:Audit:ChecksPerSecond"] = "0" }).Build();
        var process = await Process.StartAsync(caches, source, configuration: configuration);
        await process.ReadAsync(7, 8);
        caches.Advance(HalfAMinute);
        Assert.Equal(1, source.Loads);
        Assert.Empty(process.Cache.Statistics().Audits);

        configuration["Millpond:Audit:ChecksPerSecond"] = "2";
        configuration.Reload();
        caches.Advance(HalfAMinute);
        Assert.InRange(process.Audit.Checks, 55, 60);

        configuration["Millpond:Audit:ChecksPerSecond"] = "0";
        configuration.Reload();
        var checks = process.Audit.Checks;
        caches.Advance(HalfAMinute);
        Assert.InRange(process.Audit.Checks, checks, checks + 1);
    });

    [Theory]
    [InlineData(-1, 256, "Audit:ChecksPerSecond is -1; it must be from 0 to 1000")]
    [InlineData(1, 0, "Audit:SuspectsMax is 0; it must be from 1 to 10000")]
    public void Settings_without_sense_are_refused(double checks, int suspects, string fault) => Caches.Run(caches =>
    {
        var services = caches.Add(m => m.Configure(o => (o.Audit.ChecksPerSecond, o.Audit.SuspectsMax) = (checks, suspects)));
        Assert.Contains(fault, Assert.Throws<MillpondException>(() => services.GetRequiredService<ICache>()).Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    private sealed class Opaque;
}
