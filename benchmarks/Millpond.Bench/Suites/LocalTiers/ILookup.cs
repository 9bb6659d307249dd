namespace Millpond.Bench.Suites.LocalTiers;

/// <summary>
/// One way to look a value up. Implemented by structs, so that the measured loop is compiled for each anew and calls it as an application would: without a step between them.
/// </summary>
internal interface ILookup
{
    /// <summary>The value held for the key of the nth look-up; null if it is no hit.</summary>
    object? Find(int n);
}
