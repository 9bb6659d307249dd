using Catalog.Database;

namespace Catalog.Load;

/// <summary>Now and then everybody wants the same thing: a product nobody asked for so far.</summary>
internal sealed class FlashCrowd(HotList hot, TimeProvider time)
{
    private readonly TimedSwitch _switch = new(time);
    private int _product;
    private int _turn;

    public TimeSpan Remaining => _switch.Remaining;

    /// <summary>What the crowd wants; null while there is none.</summary>
    public int? Product => _switch.IsOn ? Volatile.Read(ref _product) : null;

    public void Start(TimeSpan duration)
    {
        // From the middle of the list, far from the hot set, and another each time: it must not be in the cache already.
        long place = (hot.Products.Count / 2) + (Interlocked.Increment(ref _turn) * 101L);
        Volatile.Write(ref _product, hot.Products[(int)(place % hot.Products.Count)]);
        _switch.On(duration);
    }

    public void Stop() => _switch.Off();
}
