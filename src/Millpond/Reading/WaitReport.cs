using Millpond.Events;
using Millpond.Runtime;

namespace Millpond.Reading;

/// <summary>Counts and reports how callers' waits ended: for one caller, or for ten thousand with one look at the clock and one addition.</summary>
internal sealed class WaitReports(string keyspace, KeyspaceCounters counters, CacheListener listener, Surroundings surroundings)
{
    /// <summary>Begins to report callers who were answered.</summary>
    public WaitReport Answered<TValue>(in Answer<TValue> answer)
    {
        var now = surroundings.Now;
        return new(this, new MissAnswered(keyspace, answer.Origin, answer.Stale, Waited: 0, answer.Entry is { } entry ? now - entry.LoadedAt : -1), null, now, listener.HearsMisses);
    }

    /// <summary>Begins to report callers who were told of a failure.</summary>
    public WaitReport Failed(Exception failure) => new(this, default, failure, surroundings.Now, listener.HearsMisses);

    public void Hear(in MissAnswered answered) => listener.On(answered);

    public void Hear(Exception failure, long waited) => listener.On(new MissFailed(keyspace, waited, failure));

    public void Count(StaleReason stale, int callers, long waited)
    {
        if (stale != StaleReason.None)
        {
            counters.ServedStale(stale, callers);
        }

        if (waited > 0)
        {
            counters.CoalescedWait.Add(waited);
        }
    }
}

/// <summary>One such report: add the callers, then end it.</summary>
internal struct WaitReport(WaitReports reports, MissAnswered answered, Exception? failure, long now, bool isHeard)
{
    private int _callers;
    private long _waited;

    public void Add(params ReadOnlySpan<JoinTime> joined)
    {
        _callers += joined.Length;
        foreach (var one in joined)
        {
            var waited = now - one.At;
            _waited += one.Coalesced ? waited : 0;
            if (isHeard && failure is null)
            {
                reports.Hear(answered with { Waited = waited });
            }
            else if (isHeard)
            {
                reports.Hear(failure!, waited);
            }
        }
    }

    public readonly void End() => reports.Count(answered.Stale, _callers, _waited);
}
