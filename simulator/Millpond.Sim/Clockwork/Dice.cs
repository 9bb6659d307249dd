namespace Millpond.Sim.Clockwork;

/// <summary>One stream of chance. Who draws has a stream of its own, so that one more draw here does not change what happens there.</summary>
internal sealed class Dice(int seed)
{
    private readonly Random _random = new(seed);

    public bool Chance(double probability) => probability > 0 && _random.NextDouble() < probability;

    public int Below(int limit) => _random.Next(limit);

    /// <summary>Exponential with this mean, cut at ten times it: rare long waits, but none for ever.</summary>
    public long Around(long ticks) => (long)(ticks * Math.Min(10, -Math.Log(1 - _random.NextDouble())));

    public long Between(long least, long most) => least + (long)((most - least) * _random.NextDouble());

    /// <summary>Below a limit, small numbers more often: the hot keys of a skewed load.</summary>
    public int Skewed(int limit)
    {
        var draw = _random.NextDouble();
        return (int)(limit * draw * draw);
    }
}
