namespace Millpond.Reading;

/// <summary>What a read accepts.</summary>
/// <param name="BeganAt">When it began.</param>
/// <param name="NotBefore">The earliest beginning of a load that it accepts.</param>
internal readonly record struct ReadAccepts(long BeganAt, long NotBefore);
