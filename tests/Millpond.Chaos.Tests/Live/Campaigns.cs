using Millpond.Chaos.Live;
using Millpond.Chaos.Live.Directing;
using Millpond.Chaos.Live.Histories;
using Millpond.Chaos.Live.Judging;
using Millpond.Chaos.Live.Working;

namespace Millpond.Chaos.Tests.Live;

/// <summary>Short campaigns; ./chaos runs long ones.</summary>
public class OnOneNode
{
    [Fact]
    public Task A_server_that_is_killed_and_comes_back_old_or_empty_breaks_no_promise() => Campaigns.HoldAsync("single", "kill and restart");
}

/// <inheritdoc cref="OnOneNode"/>
public class OnSentinels
{
    [Fact]
    public Task A_failover_breaks_no_promise() => Campaigns.HoldAsync("sentinel", "takes over");
}

/// <inheritdoc cref="OnOneNode"/>
public class OnCluster
{
    [Fact]
    public Task A_primary_that_dies_breaks_no_promise() => Campaigns.HoldAsync("cluster", "takes over");
}

/// <summary>Without these a campaign that finds nothing would say nothing.</summary>
public class PlantedBugs
{
    [Theory]
    [InlineData(BrokenTiers.DropsChanges, "I2", "I3")]
    [InlineData(BrokenTiers.FillsWithoutNonce, "I3")]
    [InlineData(BrokenTiers.GrantsAll, "I5")]
    public async Task Are_found(string bug, params string[] oracles)
    {
        var verdict = await Campaigns.RunAsync(new CampaignOptions { Bug = bug, CommitsMin = 150, Only = "nothing of all", Seed = 5, For = TimeSpan.FromSeconds(4), CalmMax = TimeSpan.FromSeconds(1), Settle = TimeSpan.FromSeconds(2) });
        Assert.All(oracles, oracle => Assert.Contains(verdict.Findings, finding => finding.Oracle == oracle));
        Assert.DoesNotContain(verdict.Findings, finding => finding.Oracle is "failed" or "I7");
    }
}

internal static class Campaigns
{
    public static async Task HoldAsync(string setup, string only)
    {
        var verdict = await RunAsync(new CampaignOptions { Setup = setup, Only = only, Seed = 5, For = TimeSpan.FromSeconds(3), CalmMax = TimeSpan.FromSeconds(2), Settle = TimeSpan.FromSeconds(6) });
        Assert.NotEmpty(verdict.Episodes);
        Assert.True(verdict.CountOf(What.TierFailed) > 0, "The accidents hurt nobody.");
        Assert.InRange(verdict.Reads, 1_000, long.MaxValue);
        Assert.InRange(verdict.Commits, 100, long.MaxValue);
        Assert.InRange(verdict.CountOf(What.Changed), 50, long.MaxValue);
        Assert.InRange(verdict.Leases.Leases, 50, long.MaxValue);
        Assert.Equal(4 * Pond.Keys, verdict.CountOf(What.Rested));
        Assert.True(verdict.Findings.Count == 0, string.Join('\n', verdict.Findings.Take(10).Select(finding => $"{finding.Oracle}: {finding.Text}")));
    }

    public static Task<Verdict> RunAsync(CampaignOptions options) => Campaign.RunAsync(options, TestContext.Current.SendDiagnosticMessage);
}
