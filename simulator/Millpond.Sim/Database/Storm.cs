namespace Millpond.Sim.Database;

/// <summary>Every now and then most callers want one and the same key for a while, and write it as well; and its source, so beset, is slow.</summary>
internal static class Storm
{
    /// <summary>The share of the operations that are for that key.</summary>
    public const double Share = 0.7;

    /// <summary>How many times longer than usual loads take meanwhile.</summary>
    public const int Slowness = 20;

    private const long PeriodTicks = 20 * TimeSpan.TicksPerSecond;
    private const long LastsTicks = 4 * TimeSpan.TicksPerSecond;

    /// <summary>The space and the key that everybody wants now; null if there is no storm.</summary>
    public static (Space Space, int Key)? At(long now)
    {
        var (number, since) = Math.DivRem(now, PeriodTicks);
        var space = Space.All[(int)(number % Space.All.Count)];
        return since < LastsTicks ? (space, (int)(number % space.Keys)) : null;
    }
}
