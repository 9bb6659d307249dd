using System.Collections.Concurrent;

namespace Millpond.Redis.Runtime;

/// <summary>
/// What the clocks of servers show, at most. A plain read brings a record without the time; the reader works it out from the last reply that brought one. A server's clock is compared
/// with nothing but itself: what is added is how long ago we asked, on our own monotonic clock, so the estimate is never behind the server's clock and ahead of it by no more than
/// that reply took (rule 10).
/// </summary>
internal sealed class ServerClocks
{
    /// <summary>Two clocks that drift apart by 100 ppm differ by a millisecond after this; heartbeats bring times far more often.</summary>
    private const long GoodForTicks = 10 * TimeSpan.TicksPerSecond;

    private readonly ConcurrentDictionary<ulong, Fix> _fixes = new();
    private Fix? _last;

    /// <summary>Takes note of a reply.</summary>
    /// <param name="life">The server's.</param>
    /// <param name="milliseconds">What its clock showed.</param>
    /// <param name="askedAt">When we asked, in ticks of our monotonic clock.</param>
    public void Learn(ulong life, long milliseconds, long askedAt)
    {
        if (life == 0)
        {
            return;
        }

        // Of two the later one, unless the earlier one still says less: that one's reply was faster.
        if (_fixes.TryGetValue(life, out var known) && known.At(askedAt) is { } shown && shown <= milliseconds && askedAt - known.AskedAt < TimeSpan.TicksPerSecond)
        {
            return;
        }

        var fix = new Fix(life, milliseconds, askedAt);
        _fixes[life] = fix;
        Volatile.Write(ref _last, fix);
    }

    /// <summary>What the server's clock shows now, at most; null if it was not heard of lately.</summary>
    public long? AtMost(ulong life, long now)
    {
        var fix = Volatile.Read(ref _last);
        return fix is not null && fix.Life == life ? fix.At(now)
            : _fixes.TryGetValue(life, out fix) ? fix.At(now)
            : null;
    }

    private sealed record Fix(ulong Life, long Milliseconds, long AskedAt)
    {
        public long? At(long now) => now - AskedAt is var passed && passed <= GoodForTicks
            ? Milliseconds + ((passed + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond) + 1
            : null;
    }
}
