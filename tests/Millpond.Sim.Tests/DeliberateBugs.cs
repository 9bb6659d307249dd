using Millpond.Sim.Mutants;
using Millpond.Sim.Running;

namespace Millpond.Sim.Tests;

public class DeliberateBugs
{
    // A bug must show itself within this many operations under one of these seeds.
    private const long OperationsMax = 40_000;

    private static readonly int[] Seeds = [1, 2, 3, 4];

    public static TheoryData<string> All => [.. AllMutants.List.Select(mutant => mutant.Name)];

    [Theory]
    [MemberData(nameof(All))]
    public void Each_is_caught(string name)
    {
        var mutant = AllMutants.Find(name)!;

        Assert.Contains(Seeds, seed => Simulation.Run(Options(seed), mutant).Broken is not null);
    }

    [Fact]
    public void There_are_at_least_twelve() => Assert.True(AllMutants.List.Count >= 12);

    [Fact]
    public void Under_the_same_seeds_the_sound_protocol_breaks_no_promise() =>
        Assert.All(Seeds, seed => Assert.Null(Simulation.Run(Options(seed)).Broken));

    private static SimulationOptions Options(int seed) => new() { Seed = seed, Operations = OperationsMax };
}
