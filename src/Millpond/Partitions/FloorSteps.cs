namespace Millpond.Partitions;

/// <summary>One floor: entries valid as of less than <paramref name="Sequence"/> are stale, at the latest since <paramref name="LearntAt"/>.</summary>
internal readonly record struct Floor(long Sequence, long LearntAt)
{
    /// <summary>When nobody knows since when: before any stale window.</summary>
    public const long LongAgo = long.MinValue / 2;
}

/// <summary>
/// The last few heights of one floor. An entry that several changes passed over has been stale since the first of them, and a window of staleness
/// counted from the last would never end where changes are frequent.
/// </summary>
internal sealed class FloorSteps
{
    // Changes of one scope within one stale window; an entry below more of them than this is stale since long ago, which only costs its readers a wait.
    private const int StepsMax = 4;

    public static readonly FloorSteps None = new([]);

    private readonly Floor[] _newestFirst;

    private FloorSteps(Floor[] newestFirst) => _newestFirst = newestFirst;

    public Floor Newest => _newestFirst.Length == 0 ? default : _newestFirst[0];

    public FloorSteps Raise(long sequence, long learntAt)
    {
        var raised = new Floor(sequence, learntAt);
        return _newestFirst.Length < StepsMax
            ? new([raised, .. _newestFirst])
            : new([raised, .. _newestFirst[..^2], _newestFirst[^2] with { LearntAt = Floor.LongAgo }]);
    }

    /// <summary>The lowest step that is above; a sequence of 0 if none is.</summary>
    public Floor FirstAbove(long validAsOf)
    {
        var first = default(Floor);
        foreach (var step in _newestFirst)
        {
            if (step.Sequence <= validAsOf)
            {
                break;
            }

            first = step;
        }

        return first;
    }
}
