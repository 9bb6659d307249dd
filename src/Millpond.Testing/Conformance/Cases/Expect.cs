namespace Millpond.Testing.Conformance.Cases;

/// <summary>Compares what the contract says with what was seen.</summary>
internal static class Expect
{
    public static void Equal<T>(T expected, T seen, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, seen))
            throw new ConformanceException($"{what}: the contract says {expected}, the tier {seen}.");
    }

    public static void All<T>(IEnumerable<T> expected, IEnumerable<T> seen, string what)
    {
        if (!expected.SequenceEqual(seen))
            throw new ConformanceException($"{what}: the contract says [{string.Join(", ", expected)}], the tier [{string.Join(", ", seen)}].");
    }

    public static void True(bool holds, string what)
    {
        if (!holds)
            throw new ConformanceException($"This does not hold: {what}.");
    }

    /// <summary>Within a tenth of a second below, for engines that round, and a second above, for tests that were kept waiting.</summary>
    public static void About(TimeSpan expected, TimeSpan seen, string what) => True(
        seen >= expected - TimeSpan.FromSeconds(0.1) && seen <= expected + TimeSpan.FromSeconds(1),
        $"{what} is about {expected} (it is {seen})");
}
