using Millpond.Sim.Faults;
using Millpond.Sim.Mutants;
using Millpond.Sim.Running;

namespace Millpond.Sim.Tests;

/// <summary>A fleet that writes behind: what is acknowledged is in the database, in order for each key, once.</summary>
public class WritingBehind
{
    [Fact]
    public void In_many_short_runs_no_promise_is_broken()
    {
        for (var seed = 1; seed <= 60; seed++)
            Clean(Options(seed, 3_000));
    }

    [Theory]
    [InlineData(101)]
    [InlineData(202)]
    public void In_long_runs_no_promise_is_broken(int seed) => Clean(Options(seed, 40_000));

    [Fact]
    public void Without_faults_every_write_is_acknowledged_and_nothing_is_refused_or_put_aside()
    {
        var verdict = Clean(Options(11, 10_000) with { Faults = FaultKind.None });

        Assert.Equal((0, 0, 0, 0), (verdict.Behind!.Refused, verdict.Behind.Unknown, verdict.Behind.Buried, verdict.Behind.Fenced));
        Assert.True(verdict.Behind.Acknowledged > 3_000);
    }

    [Fact]
    public void The_same_seed_gives_the_same_history_and_another_seed_another()
    {
        var first = Simulation.Run(Options(12, 5_000));

        Assert.Equal(first.Hash, Simulation.Run(Options(12, 5_000)).Hash);
        Assert.NotEqual(first.Hash, Simulation.Run(Options(13, 5_000)).Hash);
    }

    [Fact]
    public void Every_kind_of_trouble_is_met()
    {
        // Journals may come back as older copies in runs of odd seeds.
        var met = Clean(Options(1, 20_000)).Behind!;

        Assert.All([met.Refused, met.Unknown, met.Buried, met.Retried, met.Discarded, met.Lost, met.Fenced, met.BatchesRefused, met.Killed, met.Stopped], count => Assert.True(count > 0, met.ToString()));
    }

    private static SimulationOptions Options(int seed, long operations) => new() { Seed = seed, Operations = operations, WritesBehind = true };

    private static Verdict Clean(SimulationOptions options)
    {
        var verdict = Simulation.Run(options);
        Assert.True(verdict.Broken is null, string.Join('\n', Report.Lines(options, Mutant.None, verdict, TimeSpan.Zero)));
        return verdict;
    }
}
