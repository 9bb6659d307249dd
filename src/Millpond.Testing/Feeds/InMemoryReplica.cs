using Millpond.Feeds;
using Millpond.Runtime;

namespace Millpond.Testing.Feeds;

/// <summary>A replica of an <see cref="InMemorySource"/>, as another region has one: its own log has what home had committed when it was brought, and any number of feeds follow that.</summary>
public sealed class InMemoryReplica
{
    private readonly Surroundings _surroundings;
    private ulong _taken;
    private long _levelAt;

    internal InMemoryReplica(InMemorySource home)
    {
        (Home, _surroundings, _levelAt) = (home, home.Surroundings, home.Surroundings.Now);
        Source = new InMemorySource(home.Surroundings, this);
    }

    /// <summary>Its own log.</summary>
    public InMemorySource Source { get; }

    /// <summary>Whether nothing reaches it from its home.</summary>
    public bool IsCutOff { get; set; }

    internal InMemorySource Home { get; }

    /// <summary>Another instance's feed.</summary>
    public InMemoryFeed NewFeed() => Source.NewFeed();

    /// <summary>Brings what its home has committed since, in order, unless it is cut off.</summary>
    /// <param name="commitsMax">How many commits at most.</param>
    /// <returns>What was brought, for whoever keeps the replica's rows.</returns>
    public IReadOnlyList<RowChange> Replicate(int commitsMax = int.MaxValue)
    {
        List<RowChange> rows = [];
        for (; commitsMax > 0 && !IsCutOff && Home.After(_taken) is { } next; commitsMax--)
        {
            _taken++;
            rows.AddRange(next.Rows);
            Source.Append(next);
        }

        return rows;
    }

    /// <summary>For how long it has not been known to have all that its home had committed.</summary>
    internal TimeSpan Behind()
    {
        _levelAt = !IsCutOff && Home.After(_taken) is null ? _surroundings.Now : _levelAt;
        return TimeSpan.FromTicks(_surroundings.Now - _levelAt);
    }
}
