namespace Millpond.Redis.Steps;

/// <summary>What bounds a partition's state and the steps over it.</summary>
/// <param name="FloorsMax">How many scopes have a floor of their own.</param>
/// <param name="ChangesMax">How many changes are remembered.</param>
/// <param name="ChangesAtOnceMax">How many changes one step makes.</param>
internal sealed record StepLimits(int FloorsMax, int ChangesMax, int ChangesAtOnceMax = 128);
