namespace Millpond.Chaos.Live.Judging;

/// <summary>
/// What was said of one key, and by when: from the instant it was said, nothing may be served, after a bound, that had ceased to be current before the instant that it covers.
/// </summary>
internal sealed class Facts
{
    private readonly List<(long At, long Covers)> _said = [];
    private bool _isSorted = true;

    public void Add(long at, long covers)
    {
        _said.Add((at, covers));
        _isSorted = false;
    }

    /// <summary>What is covered by all that was said by an instant; <see cref="long.MinValue"/> if nothing was.</summary>
    public long CoveredBy(long at)
    {
        Sort();
        var (low, high) = (0, _said.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _said[middle].At <= at ? (middle + 1, high) : (low, middle);
        }

        return low == 0 ? long.MinValue : _said[low - 1].Covers;
    }

    // Sorted by when it was said, each covers what those before it did.
    private void Sort()
    {
        if (_isSorted)
        {
            return;
        }

        _said.Sort();
        for (var i = 1; i < _said.Count; i++)
        {
            _said[i] = (_said[i].At, Math.Max(_said[i].Covers, _said[i - 1].Covers));
        }

        _isSorted = true;
    }
}
