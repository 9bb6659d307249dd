namespace Millpond.FileJournal.Trails;

/// <summary>When records are settled: above every time that was given before, over restarts too, where the machine's clock goes back. Asked by one committer at a time.</summary>
/// <param name="time">The machine's clock.</param>
/// <param name="last">The last time that was given, in ticks of UTC.</param>
internal sealed class SettleClock(TimeProvider time, long last)
{
    private long _last = last;

    /// <summary>The next one, in ticks of UTC.</summary>
    public long Next() => _last = Math.Max(time.GetUtcNow().UtcTicks, _last + 1);
}
