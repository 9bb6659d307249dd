using Millpond.Chaos.Live.Behind;

namespace Millpond.Chaos.Tests.Live;

/// <summary>A short campaign of processes that write behind; ./chaos --write-behind runs long ones.</summary>
public class WritingBehind
{
    [Theory]
    [InlineData("files", "sqlite", "")]
    [InlineData("redis", "postgres", "")]
    [InlineData("postgres", "postgres", "postgres paused, writer")]
    public async Task What_was_acknowledged_is_in_the_database_in_order_and_once(string journal, string database, string only)
    {
        var campaign = new BehindCampaign(
            new BehindOptions { Journal = journal, Database = database, Only = only, For = TimeSpan.FromSeconds(3), Workers = 2, Seed = 5 }, TestContext.Current.SendDiagnosticMessage);
        var verdict = await campaign.RunAsync();
        Assert.True(verdict.Findings.Count == 0, string.Join('\n', verdict.Findings.Take(20)));
        Assert.NotEmpty(campaign.Accidents);
        Assert.InRange(verdict.Acknowledged, 100, long.MaxValue);
        Assert.InRange(verdict.Changes, 30, long.MaxValue);
    }
}

/// <summary>Without these a campaign that finds nothing would say nothing.</summary>
public class JudgingWritesBehind
{
    private static readonly Dictionary<(string, int), int> Rows = new() { [("notes", 1)] = 3, [("drafts", 1)] = 3 };

    [Fact]
    public void What_is_as_it_was_told_is_no_finding() => Assert.Empty(Findings([("notes", 1, 1), ("notes", 1, 2), ("notes", 1, 3), ("drafts", 1, 3)], 2));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_count_that_is_not_the_acknowledged_increments_is_found(long sum) => Assert.Contains("increments were acknowledged", Found([("notes", 1, 1), ("notes", 1, 2), ("notes", 1, 3), ("drafts", 1, 3)], sum), StringComparison.Ordinal);

    [Fact]
    public void An_acknowledged_write_that_is_missing_is_found() => Assert.Contains("2 was acknowledged and is not", Found([("notes", 1, 1), ("notes", 1, 3), ("drafts", 1, 3)], 2), StringComparison.Ordinal);

    [Fact]
    public void A_write_that_is_applied_twice_is_found() => Assert.Contains("was 2 and then 2", Found([("notes", 1, 1), ("notes", 1, 2), ("notes", 1, 2), ("notes", 1, 3), ("drafts", 1, 3)], 2), StringComparison.Ordinal);

    [Fact]
    public void A_write_that_was_refused_is_found() => Assert.Contains("was 4, which was refused", Found([("notes", 1, 1), ("notes", 1, 2), ("notes", 1, 3), ("drafts", 1, 3), ("drafts", 1, 4)], 2), StringComparison.Ordinal);

    private static string Found((string, int, int)[] history, long sum) => Findings(history, sum)[0];

    /// <summary>Three notes and drafts and two counts were acknowledged, a third count is unknown, and a fourth draft was refused.</summary>
    private static IReadOnlyList<string> Findings((string What, int Key, int Note)[] history, long sum)
    {
        var told = new Acknowledgements();
        foreach (var what in (string[])["notes", "drafts"])
        {
            for (var n = 1; n <= 3; n++)
            {
                told.Hear($"? {what} 1 {n}");
                told.Hear($"ok {what} 1 {n}");
            }
        }

        told.Hear("? drafts 1 4");
        told.Hear("no drafts 1 4");
        for (var n = 1; n <= 3; n++)
        {
            told.Hear($"? views 7 {n}");
        }

        told.Hear("ok views 7 1");
        told.Hear("ok views 7 2");
        return BehindVerdict.Of(told, new(history, Rows, new Dictionary<int, long> { [7] = sum })).Findings;
    }
}
