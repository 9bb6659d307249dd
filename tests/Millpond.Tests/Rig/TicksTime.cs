namespace Millpond.Tests.Rig;

/// <summary>A clock that stands where it is put, in ticks of 100 ns.</summary>
internal sealed class TicksTime(Func<long> now) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => now();
}
