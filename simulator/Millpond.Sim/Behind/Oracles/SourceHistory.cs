using Millpond.Sim.Database;

namespace Millpond.Sim.Behind.Oracles;

/// <summary>The same commits as seen by those who do not know what is pending: a state is over when the database has a later one.</summary>
internal sealed class SourceHistory(RowHistory all) : RowHistory(all)
{
    private readonly List<long> _ends = [];

    /// <summary>The database has a commit, and so none before it any more.</summary>
    public void Reached(int index, long at)
    {
        while (_ends.Count < index)
            _ends.Add(at);
    }

    public override long EndOf(int index) => index < _ends.Count ? _ends[index] : long.MaxValue;
}
