using Millpond.Shared.InProcess;
using Millpond.Testing.Conformance;
using Xunit;

namespace Millpond.Testing.Tests.Conformance;

public sealed class TheSuite
{
    public static TheoryData<string> Broken => [.. typeof(BrokenRules).GetNestedTypes().Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Broken))]
    public void Finds_a_tier_that(string breaks)
    {
        Assert.NotEmpty(Findings(payloadBytesMax: 1 << 20, breaks));
    }

    [Fact]
    public void Finds_nothing_in_a_sound_tier() => Assert.Empty(Findings(payloadBytesMax: 1 << 20, breaks: null));

    [Fact]
    public void Leaves_out_what_a_tier_without_values_cannot_do()
    {
        var fixture = new InProcessFixture(payloadBytesMax: 0);
        ConformanceCase[] left = [.. SharedTierConformance.Cases.Where(c => !c.IsFor(fixture))];
        Assert.NotEmpty(left);
        Assert.All(left, c => Assert.True(c.Needs.HasFlag(ConformanceNeeds.Values)));
    }

    private static List<string> Findings(long payloadBytesMax, string? breaks)
    {
        var found = new List<string>();
        foreach (ConformanceCase conformance in SharedTierConformance.Cases)
        {
            InProcessRules? rules = breaks is null ? null : (InProcessRules)Activator.CreateInstance(typeof(BrokenRules).GetNestedType(breaks)!)!;
            var fixture = new InProcessFixture(payloadBytesMax, rules);
            if (Record.Exception(() => fixture.Surroundings.Run(() => conformance.RunAsync(fixture))) is { } fault)
                found.Add($"{conformance}: {fault.Message}");
        }

        return found;
    }
}
