namespace Millpond.Runtime;

/// <summary>How the process stands with memory, in bytes.</summary>
/// <param name="Load">In use on the machine, or in the container.</param>
/// <param name="ShortFrom">From how much in use on memory counts as short.</param>
/// <param name="Available">What the process may have in all.</param>
internal readonly record struct MemoryFigures(long Load, long ShortFrom, long Available)
{
    /// <summary>Where memory is no subject.</summary>
    public static MemoryFigures Plenty => new(0, long.MaxValue, long.MaxValue);
}
