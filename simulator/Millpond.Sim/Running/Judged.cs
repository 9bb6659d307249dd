using Millpond.Sim.Oracles;
using Millpond.Testing.Time;

namespace Millpond.Sim.Running;

/// <summary>Runs a simulation to its end, or to the first promise that is broken.</summary>
internal static class Judged
{
    /// <returns>The promise that was broken; null if none was.</returns>
    public static BrokenOracle? Run(SimulatedSurroundings surroundings, Func<Task> run)
    {
        try
        {
            surroundings.Run(run);
            return null;
        }
        catch (BrokenOracle finding)
        {
            return finding;
        }
        catch (Exception failure) when (failure.InnerException is BrokenOracle)
        {
            return (BrokenOracle)failure.InnerException;
        }
    }
}
