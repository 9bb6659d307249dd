using Catalog.Page;

namespace Catalog.Load;

/// <summary>What the built-in load saw.</summary>
internal sealed class LoadFigures
{
    private long _shed;
    private long _broken;

    public DurationHistogram Latency { get; } = new(DurationHistogram.UsualSeconds);

    /// <summary>Requests that were due and not sent, because every sender was busy.</summary>
    public long Shed => Volatile.Read(ref _shed);

    /// <summary>Requests that got no HTTP answer at all; there should be none.</summary>
    public long Broken => Volatile.Read(ref _broken);

    public void CountShed() => Interlocked.Increment(ref _shed);

    public void CountBroken() => Interlocked.Increment(ref _broken);
}
