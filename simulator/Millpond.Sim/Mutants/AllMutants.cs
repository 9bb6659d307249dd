namespace Millpond.Sim.Mutants;

/// <summary>The deliberate bugs.</summary>
internal static class AllMutants
{
    public static IReadOnlyList<Mutant> List { get; } = [.. ClientMutants.List, .. EngineMutants.List, .. GuardMutants.List, .. BehindMutants.List];

    public static Mutant? Find(string name) => List.FirstOrDefault(mutant => mutant.Name == name);
}
