using Millpond.Sim.Mutants;
using Millpond.Sim.Running;

namespace Millpond.Sim.Tests;

public class DeliberateBugs
{
    // A bug must show itself within this many operations under one of these seeds.
    private const long OperationsMax = 40_000;

    // Processes that die, journals and a database fill a run of write-behind with more events.
    private const long BehindOperationsMax = 20_000;

    private static readonly int[] Seeds = [1, 2, 3, 4];

    public static TheoryData<string> All => [.. AllMutants.List.Select(mutant => mutant.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public void Each_is_caught(string name)
    {
        var mutant = AllMutants.Find(name)!;

        Assert.Contains(Seeds, seed => Simulation.Run(Options(seed, mutant.IsOfWriteBehind), mutant).Broken is not null);
    }

    [Fact]
    public void There_are_at_least_twelve() => Assert.True(AllMutants.List.Count >= 12);

    [Fact]
    public void Under_the_same_seeds_the_sound_protocol_breaks_no_promise() =>
        Assert.All(Seeds, seed => Assert.Null(Simulation.Run(Options(seed, writesBehind: false)).Broken));

    [Fact]
    public void Nor_does_sound_write_behind() => Assert.All(Seeds, seed => Assert.Null(Simulation.Run(Options(seed, writesBehind: true)).Broken));

    private static SimulationOptions Options(int seed, bool writesBehind) => new() { Seed = seed, Operations = writesBehind ? BehindOperationsMax : OperationsMax, WritesBehind = writesBehind };
}
