namespace Millpond.Writing.Behind;

/// <summary>
/// How many records the next batch takes. Where one after the other does not end, or is not outlived by its lead, they are halved: what takes too long today would take too long again, under this lead and under the next, and nothing would ever be
/// flushed. Of one flusher, over all its leads.
/// </summary>
/// <remarks>Each that ends lets the next be larger: twice as large as far as that is known to go well, and then by an eighth, because finding out that it is too much again may take as long as the source's time-out.</remarks>
internal sealed class BatchSize(WriteBehindOptions options)
{
    // A source that was away for a moment, or a process that has just stood still, fails a few times.
    public const int FailuresInARow = 5;

    private const int Cautious = 8;

    private int _records = options.BatchRecordsMax;
    private int _known = options.BatchRecordsMax;
    private int _failures;

    public int Records => Math.Min(_records, options.BatchRecordsMax);

    public void Ended()
    {
        var next = _records < _known ? Math.Min(2L * _records, _known) : _records + Math.Max(1L, _records / Cautious);
        (_records, _failures) = ((int)Math.Min(next, options.BatchRecordsMax), 0);
    }

    /// <summary>It failed, or it was given up.</summary>
    /// <param name="records">How many it had.</param>
    public void DidNotEnd(int records)
    {
        if (++_failures >= FailuresInARow)
        {
            _known = Half(records);
        }
    }

    /// <summary>There is one in it that the source does not take, which says nothing of how many it takes.</summary>
    /// <param name="records">How many it had.</param>
    public void WasRefused(int records) => Half(records);

    private int Half(int records) => _records = Math.Max(1, Math.Min(_records, records) / 2);
}
