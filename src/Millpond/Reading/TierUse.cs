namespace Millpond.Reading;

/// <summary>What one call may use. The faces restrict it where their callers say so; every other call may use everything.</summary>
[Flags]
internal enum TierUse
{
    /// <summary>Nothing: no tier and no source.</summary>
    None = 0,

    /// <summary>A value held here may answer.</summary>
    LocalRead = 1,

    /// <summary>What the call brings may be kept here.</summary>
    LocalWrite = 2,

    /// <summary>The shared tier may answer.</summary>
    SharedRead = 4,

    /// <summary>What the call brings may be stored in the shared tier, and so a lease is asked for.</summary>
    SharedWrite = 8,

    /// <summary>The source may be asked.</summary>
    Source = 16,

    /// <summary>The source is the home database and not this region's, so what it brings is for who asked alone.</summary>
    Home = 32,

    /// <summary>Everything that is this region's.</summary>
    All = LocalRead | LocalWrite | SharedRead | SharedWrite | Source,
}

/// <summary>Asking such a set without an object for each asking, which the platform's own way makes wherever the compiler cannot see through it.</summary>
internal static class TierUses
{
    public static bool Has(this TierUse use, TierUse wanted) => (use & wanted) == wanted;
}
