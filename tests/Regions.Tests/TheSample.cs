namespace Regions.Tests;

/// <summary>The sample, as somebody would run it who has little time.</summary>
public sealed class TheSample
{
    [Fact]
    public async Task It_runs_to_its_end_and_no_session_sees_what_was_there_before_its_own_write()
    {
        using var said = new StringWriter();
        var end = await RegionsRun.RunAsync(TimeSpan.FromMilliseconds(200), said);
        TestContext.Current.TestOutputHelper?.WriteLine(said.ToString());
        Assert.Equal(0, end);
        Assert.Contains("CutOff", said.ToString(), StringComparison.Ordinal);
        Assert.Contains("connected again: all rows right", said.ToString(), StringComparison.Ordinal);
    }
}
