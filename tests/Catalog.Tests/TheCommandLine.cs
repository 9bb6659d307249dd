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

    [Fact]
    public void Instances_share_an_engine_and_the_rate()
    {
        CommandLine parsed = CommandLine.Parse(["--instances", "3", "--engine", "cache-1:6379", "--rate", "50"]);

        Assert.Empty(parsed.Errors);
        Assert.Equal((3, "cache-1:6379"), (parsed.Options.Instances, parsed.Options.Engine));
        Assert.Equal([17, 17, 16], Enumerable.Range(1, 3).Select(parsed.Options.RateOf));
        Assert.Equal((1, null, 2000), (new CatalogOptions().Instances, new CatalogOptions().Engine, new CatalogOptions().RateOf(1)));
    }

    [Theory]
    [InlineData("--instances", "0")]
    [InlineData("--instances", "9")]
    [InlineData("--instance", "0")]
    [InlineData("--engine", "6379")]
    [InlineData("--engine", "cache-1:0")]
    [InlineData("--engine", ":6379")]
    public void What_no_instance_can_be_told_is_refused(string option, string value) =>
        Assert.StartsWith($"{option} takes ", Assert.Single(CommandLine.Parse([option, value]).Errors), StringComparison.Ordinal);

    [Fact]
    public void Several_instances_need_an_engine() =>
        Assert.Contains("--engine", Assert.Single(CommandLine.Parse(["--instances", "2"]).Errors), StringComparison.Ordinal);

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
        Assert.All(["--port", "--rate", "--for", "--no-load", "--data", "--instances", "--engine", "--instance"], option => Assert.Contains(option, CommandLine.Help, StringComparison.Ordinal));
    }
}
