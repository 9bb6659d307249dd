using System.Security.Cryptography;
using Millpond.Sim.Faults;
using Millpond.Sim.Mutants;
using Millpond.Sim.Running;

namespace Millpond.Sim.Tests;

public class Simulating
{
    // Together with the fresh seed a million; in four parts because two run at once.
    private const long Part = 240_000;

    [Theory]
    [InlineData(101)]
    [InlineData(202)]
    [InlineData(303)]
    [InlineData(404)]
    public void With_every_fault_on_no_promise_is_broken(int seed) => Clean(new SimulationOptions { Seed = seed, Operations = Part });

    [Fact]
    public void With_a_seed_nobody_has_seen_no_promise_is_broken()
    {
        var seed = RandomNumberGenerator.GetInt32(int.MaxValue);
        TestContext.Current.TestOutputHelper?.WriteLine($"fresh seed {seed}");
        Clean(new SimulationOptions { Seed = seed, Operations = 50_000 });
    }

    [Fact]
    public void Without_faults_no_promise_is_broken_and_no_request_fails()
    {
        var verdict = Clean(new SimulationOptions { Seed = 11, Operations = 20_000, Faults = FaultKind.None });

        Assert.Equal(0, verdict.RequestsFailed);
        Assert.Equal(0, verdict.EpochsBegun);
    }

    [Fact]
    public void The_same_seed_gives_the_same_history_and_another_seed_another()
    {
        var options = new SimulationOptions { Seed = 12, Operations = 10_000 };

        var first = Simulation.Run(options);
        var again = Simulation.Run(options);
        var other = Simulation.Run(options with { Seed = 13 });

        Assert.Equal(first.Hash, again.Hash);
        Assert.Equal(first.ReadsJudged, again.ReadsJudged);
        Assert.NotEqual(first.Hash, other.Hash);
    }

    [Fact]
    public void Every_kind_of_trouble_is_met()
    {
        var verdict = Clean(new SimulationOptions { Seed = 14, Operations = 60_000 });

        FaultKind[] episodes = [FaultKind.Channel, FaultKind.Partition, FaultKind.Freeze, FaultKind.Crash, FaultKind.Rollback, FaultKind.Slow, FaultKind.Evict];
        Assert.All(episodes, kind => Assert.True(verdict.Episodes.GetValueOrDefault(kind) > 0, kind.ToString()));
        Assert.True(verdict.RequestsFailed > 0);
        Assert.True(verdict.FillsRefused > 0);
        Assert.True(verdict.ChangesDeferred > 0);
        Assert.True(verdict.GapsClosed > 0);
        Assert.True(verdict.EpochsBegun > 0);
        Assert.True(verdict.Refused > 0);
    }

    private static Verdict Clean(SimulationOptions options)
    {
        var verdict = Simulation.Run(options);
        Assert.True(verdict.Broken is null, string.Join('\n', Report.Lines(options, Mutant.None, verdict, TimeSpan.Zero)));
        return verdict;
    }
}
