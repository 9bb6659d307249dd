using Catalog.Options;

namespace Catalog.Tests;

public sealed class TheCommandLine
{
    [Fact]
    public void Nothing_said_means_the_defaults()
    {
        CommandLine parsed = CommandLine.Parse([]);

        Assert.Empty(parsed.Errors);
        Assert.Equal((5080, 2000, null, true), (parsed.Options.Port, parsed.Options.Rate, parsed.Options.For, parsed.Options.Load));
    }

    [Fact]
    public void Every_option_is_understood()
    {
        CommandLine parsed = CommandLine.Parse(["--port", "0", "--rate", "50", "--for", "5m", "--no-load", "--data", "/somewhere"]);

        Assert.Empty(parsed.Errors);
        Assert.Equal((0, 50, TimeSpan.FromMinutes(5), false, Path.GetFullPath("/somewhere")),
            (parsed.Options.Port, parsed.Options.Rate, parsed.Options.For, parsed.Options.Load, parsed.Options.DataFolder));
    }

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("2m", 120)]
    [InlineData("1h", 3600)]
    public void Times_have_units(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), CommandLine.Parse(["--for", text]).Options.For);

    [Fact]
    public void All_faults_are_named_at_once() =>
        Assert.Equal(
            [
                "'--prot' is not an option of this program.",
                "'81' is not an option of this program.",
                "--rate takes a number of requests per second from 1 to 20000, not '0'.",
                "--for takes a time like 30s, 5m or 1h, not '30'.",
                "--port needs a value.",
            ],
            CommandLine.Parse(["--prot", "81", "--rate", "0", "--for", "30", "--port"]).Errors);

    [Fact]
    public void Help_names_every_option()
    {
        Assert.True(CommandLine.Parse(["--help"]).HelpWanted);
        Assert.All(["--port", "--rate", "--for", "--no-load", "--data"], option => Assert.Contains(option, CommandLine.Help, StringComparison.Ordinal));
    }
}
