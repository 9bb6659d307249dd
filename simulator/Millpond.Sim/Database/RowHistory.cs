namespace Millpond.Sim.Database;

/// <summary>A state of one key that was committed: current from <paramref name="At"/> until the next.</summary>
/// <param name="At">The instant of the commit, in virtual ticks.</param>
/// <param name="Row">The row; null where there was none.</param>
internal readonly record struct Commit(long At, Row? Row);

/// <summary>Every committed state of one key, in the order of the commits: the truth that reads are judged by.</summary>
internal class RowHistory
{
    private readonly List<Commit> _commits;

    public RowHistory(Row? first) => _commits = [new Commit(0, first)];

    /// <summary>The same commits, seen by others.</summary>
    protected RowHistory(RowHistory same) => _commits = same._commits;

    public Row? Current => _commits[^1].Row;

    public long ChangedAt => _commits[^1].At;

    public int Count => _commits.Count;

    public Commit this[int index] => _commits[index];

    public void Add(long at, Row? row) => _commits.Add(new Commit(at, row));

    /// <summary>The newest commit of a write; -1 if it was never committed.</summary>
    public int Find(long mark)
    {
        for (var index = _commits.Count - 1; index >= 0; index--)
        {
            if (_commits[index].Row is { } row && row.Mark == mark)
                return index;
        }

        return -1;
    }

    /// <summary>When a state ceased to be current; <see cref="long.MaxValue"/> if it still is.</summary>
    public virtual long EndOf(int index) => index + 1 < _commits.Count ? _commits[index + 1].At : long.MaxValue;
}
