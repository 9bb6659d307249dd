namespace Millpond.Reading;

/// <summary>When a caller joined a flight, and whether another one had begun it, in one word.</summary>
internal readonly struct JoinTime(long at, bool coalesced)
{
    private readonly long _word = (at << 1) | (coalesced ? 1L : 0);

    /// <summary>Ticks of <c>Surroundings.Now</c>.</summary>
    public long At => _word >> 1;

    public bool Coalesced => (_word & 1) != 0;
}

/// <summary>When each of many callers joined: eight bytes a caller, in blocks that are never copied and never large enough for the heap of large objects. Not for concurrent use.</summary>
internal struct JoinTimes
{
    private const int BlockMin = 8;
    private const int BlockMax = 1024;

    // Most flights have one caller, who needs no block.
    private JoinTime _first;
    private bool _hasFirst;
    private List<JoinTime[]>? _full;
    private JoinTime[]? _block;
    private int _used;

    public void Add(JoinTime joined)
    {
        if (!_hasFirst)
        {
            (_first, _hasFirst) = (joined, true);
            return;
        }

        _block ??= new JoinTime[BlockMin];
        if (_used == _block.Length)
        {
            (_full ??= []).Add(_block);
            _block = new JoinTime[Math.Min(_block.Length * 2, BlockMax)];
            _used = 0;
        }

        _block[_used++] = joined;
    }

    public readonly void ReportTo(ref WaitReport report)
    {
        if (_hasFirst)
        {
            report.Add(_first);
        }

        if (_full is not null)
        {
            foreach (var block in _full)
            {
                report.Add(block);
            }
        }

        report.Add(_block.AsSpan(0, _used));
    }
}
