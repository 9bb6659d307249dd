using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millpond.Testing.Faults;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Telemetry;

public sealed class Health
{
    [Fact]
    public void A_cache_that_hears_its_shared_tier_is_healthy_and_says_what_it_holds() => Caches.Run(async caches =>
    {
        var process = Watched.In(caches, new Source { [7] = "seven" });
        await process.Things.GetAsync(7);
        var health = await CheckAsync(process);

        Assert.Equal(HealthStatus.Healthy, health.Status);
        Assert.Equal(("in process", 1, 0), (health.Data["default.shared_tier"], health.Data["default.local_entries"], health.Data["default.deferred_changes"]));
    });

    [Fact]
    public void Silence_and_changes_that_wait_degrade_it_until_they_are_over() => Caches.Run(async caches =>
    {
        var tier = new FaultySharedTier(caches.Shared, caches.Surroundings, seed: 1);
        var process = Watched.In(caches, new Source { [7] = "seven" }, tier: tier);
        await process.Things.GetAsync(7);
        tier.Operations.IsDown = true;
        await process.Things.InvalidateAsync(7);
        caches.Advance(TimeSpan.FromSeconds(5));
        var health = await CheckAsync(process);

        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Equal(["thing"], Assert.IsType<string[]>(health.Data["default.silent_keyspaces"]));
        Assert.Equal(1, health.Data["default.deferred_changes"]);
        Assert.Contains("has 1 changes", health.Description, StringComparison.Ordinal);

        tier.Operations.IsDown = false;
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(process)).Status);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void What_the_shared_tier_lacks_degrades_it() => Caches.Run(async caches =>
    {
        var process = Watched.In(caches, new Source(), tier: new LackingTier(caches.Shared, "no push"));
        await process.Things.GetAsync(7);
        var health = await CheckAsync(process);

        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.EndsWith("no push", health.Description, StringComparison.Ordinal);
    });

    private static Task<HealthCheckResult> CheckAsync(Watched process) => new MillpondHealthCheck(process.Services).CheckHealthAsync(new HealthCheckContext());
}
