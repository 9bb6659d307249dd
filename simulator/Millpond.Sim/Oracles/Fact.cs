namespace Millpond.Sim.Oracles;

/// <summary>
/// When something (a key, a tag, a tenant, a keyspace) was said to be stale: by whoever, as the shared tier applied it; and by each process, as its own
/// call returned.
/// </summary>
internal sealed class Fact(int processes)
{
    private readonly List<(long At, long Covers)> _applied = [];
    private readonly List<(long Step, long Begun)>[] _own = [.. Enumerable.Range(0, processes).Select(_ => new List<(long, long)>())];

    /// <summary>The shared tier applied a change.</summary>
    /// <param name="at">When.</param>
    /// <param name="covers">A state that ceased to be current at or before this instant is stale for everybody: the same instant for an invalidation; for a value stored under
    /// a ticket the commit of that value, as another writer may have committed since and not yet said so.</param>
    public void Apply(long at, long covers) => _applied.Add((at, _applied.Count == 0 ? covers : Math.Max(covers, _applied[^1].Covers)));

    /// <summary>A process's own call returned, having begun at an instant: what it reads from now on must not be from before that.</summary>
    /// <param name="process">Whose call.</param>
    /// <param name="begun">When it began, in virtual ticks.</param>
    /// <param name="step">The history's count now: finer than time, in which much happens at one instant.</param>
    public void Own(int process, long begun, long step)
    {
        var calls = _own[process];
        calls.Add((step, calls.Count == 0 ? begun : Math.Max(begun, calls[^1].Begun)));
    }

    /// <summary>A process has ended; what is started in its place was told nothing.</summary>
    public void Forget(int process) => _own[process].Clear();

    /// <summary>The latest beginning among a process's calls that had returned by a step; <see cref="long.MinValue"/> if none had.</summary>
    public long OwnBy(int process, long step)
    {
        var calls = _own[process];
        for (var index = calls.Count - 1; index >= 0; index--)
        {
            if (calls[index].Step <= step)
                return calls[index].Begun;
        }

        return long.MinValue;
    }

    /// <summary>What the changes applied at or before an instant cover; <see cref="long.MinValue"/> if there was none.</summary>
    public long CoveredBy(long at)
    {
        for (var index = _applied.Count - 1; index >= 0; index--)
        {
            if (_applied[index].At <= at)
                return _applied[index].Covers;
        }

        return long.MinValue;
    }
}
