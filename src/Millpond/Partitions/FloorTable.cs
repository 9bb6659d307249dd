using System.Collections.Immutable;

namespace Millpond.Partitions;

/// <summary>
/// A process's picture of a partition's floors: below which sequence each scope's entries are stale. Immutable, so that a hit reads
/// one consistent picture without a lock.
/// </summary>
internal sealed class FloorTable
{
    public static readonly FloorTable Empty = new(default, ImmutableDictionary<string, Floor>.Empty);

    private readonly ImmutableDictionary<string, Floor> _scopes;

    public FloorTable(Floor keyspace, ImmutableDictionary<string, Floor> scopes)
    {
        Keyspace = keyspace;
        _scopes = scopes;
    }

    public Floor Keyspace { get; }

    public FloorTable RaiseKeyspace(long sequence, long learntAt) =>
        sequence <= Keyspace.Sequence ? this : new(new Floor(sequence, learntAt), _scopes.RemoveRange(CoveredBy(sequence)));

    public FloorTable RaiseScope(string scope, long sequence, long learntAt) =>
        sequence <= Of(scope).Sequence ? this : new(Keyspace, _scopes.SetItem(scope, new Floor(sequence, learntAt)));

    public Floor Of(string scope) => _scopes.GetValueOrDefault(scope);

    /// <summary>The earliest learnt floor that is above an entry valid as of <paramref name="validAsOf"/>; a sequence of 0 if none is.</summary>
    public Floor FirstAbove(long validAsOf, string[] scopes)
    {
        var first = Keyspace.Sequence > validAsOf ? Keyspace : default;
        foreach (var scope in scopes)
        {
            var floor = Of(scope);
            if (floor.Sequence > validAsOf && (first.Sequence == 0 || floor.LearntAt < first.LearntAt))
            {
                first = floor;
            }
        }

        return first;
    }

    private IEnumerable<string> CoveredBy(long sequence) =>
        _scopes.Where(pair => pair.Value.Sequence <= sequence).Select(pair => pair.Key);
}

/// <summary>One floor: entries valid as of less than <paramref name="Sequence"/> are stale, at the latest since <paramref name="LearntAt"/>.</summary>
internal readonly record struct Floor(long Sequence, long LearntAt);
