namespace Millpond.Resp.Connections;

/// <summary>
/// Tells a quiet connection from a dead one. A connection with nothing under way is asked for a sign of life when it has been silent for <c>IdlePing</c>; one with a reply due
/// is dead when it has been silent for <c>SilenceMax</c>. So a half-open connection is found within the sum of the two, and a busy one within the latter.
/// </summary>
internal sealed class LivenessWatch(ConnectionLimits limits, long now)
{
    private long _heardAt = now;
    private long _dueSince = long.MaxValue;
    private long _received;

    public long SilentTicks(long now) => now - Volatile.Read(ref _heardAt);

    public Verdict Look(long now, long received, bool isReplyDue)
    {
        if (received != _received)
        {
            _received = received;
            Volatile.Write(ref _heardAt, now);
            _dueSince = long.MaxValue;
        }

        if (!isReplyDue)
        {
            _dueSince = long.MaxValue;
            return now - _heardAt >= limits.IdlePing.Ticks ? Verdict.Ask : Verdict.Alive;
        }

        _dueSince = Math.Min(_dueSince, now);
        return now - _dueSince >= limits.SilenceMax.Ticks ? Verdict.Dead : Verdict.Alive;
    }

    internal enum Verdict
    {
        Alive,
        Ask,
        Dead,
    }
}
