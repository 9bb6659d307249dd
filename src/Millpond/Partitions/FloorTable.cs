using System.Collections.Immutable;
using Millpond.Shared;

namespace Millpond.Partitions;

/// <summary>
/// A process's picture of a partition's floors: below which sequence each scope's entries are stale. Immutable, so that a hit reads
/// one consistent picture without a lock.
/// </summary>
internal sealed class FloorTable
{
    // As many as an engine keeps by default. Past it all merge into the floor of the keyspace, as there: more is stale than changed, and never less.
    private const int ScopesMax = 10_000;

    public static readonly FloorTable Empty = new(FloorSteps.None, ImmutableDictionary<string, FloorSteps>.Empty);

    private readonly FloorSteps _keyspace;
    private readonly ImmutableDictionary<string, FloorSteps> _scopes;

    private FloorTable(FloorSteps keyspace, ImmutableDictionary<string, FloorSteps> scopes)
    {
        _keyspace = keyspace;
        _scopes = scopes;
    }

    public Floor Keyspace => _keyspace.Newest;

    /// <summary>The floor that concerns every entry whatever it carries: the keyspace's, or a doubt's about it.</summary>
    public long OfAll => Math.Max(Keyspace.Sequence, Of(Scope.Doubt).Sequence);

    public FloorTable RaiseKeyspace(long sequence, long learntAt) =>
        sequence <= Keyspace.Sequence ? this : new(_keyspace.Raise(sequence, learntAt), _scopes);

    public FloorTable RaiseScope(string scope, long sequence, long learntAt)
    {
        var steps = _scopes.GetValueOrDefault(scope, FloorSteps.None);
        if (sequence <= steps.Newest.Sequence)
        {
            return this;
        }

        return steps.Newest.Sequence == 0 && _scopes.Count >= ScopesMax
            ? Empty.RaiseKeyspace(Math.Max(Math.Max(sequence, Keyspace.Sequence), _scopes.Values.Max(one => one.Newest.Sequence)), Floor.LongAgo)
            : new(_keyspace, _scopes.SetItem(scope, steps.Raise(sequence, learntAt)));
    }

    /// <summary>With the floors that a control record tells of. How long ago those were raised that we never heard of nobody says; so nothing below them is served as
    /// stale.</summary>
    public FloorTable RaiseTo(ControlReply reply)
    {
        var floors = RaiseKeyspace(reply.KeyspaceFloor, Floor.LongAgo);
        foreach (var (scope, sequence) in reply.Floors)
        {
            floors = floors.RaiseScope(scope, sequence, Floor.LongAgo);
        }

        return floors;
    }

    public Floor Of(string scope) => _scopes.GetValueOrDefault(scope, FloorSteps.None).Newest;

    /// <summary>The lowest step of a doubt that is above an entry; a sequence of 0 if none is.</summary>
    public Floor DoubtAbove(long validAsOf) => _scopes.GetValueOrDefault(Scope.Doubt, FloorSteps.None).FirstAbove(validAsOf);

    /// <summary>The earliest learnt floor that is above an entry valid as of <paramref name="validAsOf"/>; a sequence of 0 if none is.</summary>
    public Floor FirstAbove(long validAsOf, string[] scopes)
    {
        var first = _keyspace.FirstAbove(validAsOf);
        foreach (var scope in scopes)
        {
            var floor = _scopes.GetValueOrDefault(scope, FloorSteps.None).FirstAbove(validAsOf);
            if (floor.Sequence > 0 && (first.Sequence == 0 || floor.LearntAt < first.LearntAt))
            {
                first = floor;
            }
        }

        return first;
    }
}
