namespace Catalog.Database;

/// <summary>A switch that turns itself off, so that no drill outlives the attention of whoever started it.</summary>
internal sealed class TimedSwitch(TimeProvider time)
{
    /// <summary>The timestamp until which it is on; 0 when off. The last writer wins, and a reader needs no more than one word.</summary>
    private long _until;

    public bool IsOn => Remaining > TimeSpan.Zero;

    public TimeSpan Remaining
    {
        get
        {
            long until = Volatile.Read(ref _until);
            long now = time.GetTimestamp();
            return until > now ? time.GetElapsedTime(now, until) : TimeSpan.Zero;
        }
    }

    public void On(TimeSpan duration) =>
        Volatile.Write(ref _until, time.GetTimestamp() + (long)(duration.TotalSeconds * time.TimestampFrequency));

    public void Off() => Volatile.Write(ref _until, 0);
}
