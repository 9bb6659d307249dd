namespace Millpond;

/// <summary>
/// The bounds of a keyspace's warm-up. Declared in code with <see cref="WarmUpBuilder{TKey}.Within"/>, overridden by configuration (<c>Millpond:Keyspaces:{name}:WarmUp</c>), read when the warm-up begins.
/// </summary>
public sealed record WarmUpOptions
{
    /// <summary>For how long the warm-up may go on, and so for how long it can keep the program from being ready. Default 30 seconds; from 1 millisecond to 1 hour.</summary>
    public TimeSpan TimeMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many keys it reads at most, of all its sources together; and how many are remembered for the next run. Default 10,000; from 1 to 1,000,000.</summary>
    public int KeysMax { get; set; } = 10_000;
}
