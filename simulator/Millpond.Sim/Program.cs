using System.Diagnostics;
using Millpond.Sim.Mutants;
using Millpond.Sim.Running;

CommandLine line;
try
{
    line = CommandLine.Parse(args);
}
catch (FormatException fault)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}

if (line.WantsHelp)
{
    Console.WriteLine(CommandLine.Help);
    return 0;
}

if (line.WantsMutants)
{
    foreach (var mutant in AllMutants.List)
        Console.WriteLine($"{mutant.Name,-28} {mutant.Sin}");
    return 0;
}

for (var run = 0; run < line.Runs; run++)
{
    var options = new SimulationOptions { Seed = unchecked(line.Seed + run), Operations = line.Operations, Faults = line.Faults, WritesBehind = line.WritesBehind };
    var watch = Stopwatch.StartNew();
    var verdict = Simulation.Run(options, line.Mutant);
    foreach (var words in Report.Lines(options, line.Mutant, verdict, watch.Elapsed))
        Console.WriteLine(words);
    if (verdict.Broken is not null)
        return 1;
}

return 0;
