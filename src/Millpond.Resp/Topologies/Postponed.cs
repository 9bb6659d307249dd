using Millpond.Resp.Commands;
using Millpond.Resp.Nodes;

namespace Millpond.Resp.Topologies;

/// <summary>Commands that a server told to come again in a moment. They come again at the next sweep but one, or fail at their deadline with what the server said.</summary>
internal sealed class Postponed(NodeParts parts)
{
    // Time enough for a slot to arrive or a replica to take over; often enough to meet a deadline of a second.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly List<(Pending Pending, long DueAt, RespException Cause)> _all = [];
    private RespException? _closed;

    public int Count => _all.Count;

    public void Add(Pending pending, RespException cause)
    {
        // Waiting is no attempt: its bound is the deadline.
        pending.Attempts = 0;
        pending.Refusal = cause;
        RespException? closed;
        lock (_gate)
        {
            closed = _closed;
            if (closed is null)
            {
                _all.Add((pending, parts.Surroundings.Now + Pause.Ticks, cause));
            }
        }

        // Nobody would look here again.
        if (closed is not null)
        {
            pending.Fail(closed, pending.Life, parts.Completions);
            pending.Release();
        }
    }

    /// <summary>What waits comes again now: something was found out.</summary>
    public void Hurry(IDispatcher dispatcher)
    {
        lock (_gate)
        {
            for (var i = 0; i < _all.Count; i++)
            {
                _all[i] = _all[i] with { DueAt = 0 };
            }
        }

        Sweep(parts.Surroundings.Now, dispatcher);
    }

    public void Sweep(long now, IDispatcher dispatcher)
    {
        List<(Pending Pending, long DueAt, RespException Cause)> due = [];
        lock (_gate)
        {
            _all.RemoveAll(p =>
            {
                var isDue = p.DueAt <= now || p.Pending.Deadline <= now || p.Pending.IsDecided;
                if (isDue)
                {
                    due.Add(p);
                }

                return isDue;
            });
        }

        foreach (var (pending, _, cause) in due)
        {
            if (pending.Deadline <= now || pending.IsDecided)
            {
                pending.Fail(cause, pending.Life, parts.Completions);
                pending.Release();
            }
            else
            {
                dispatcher.Dispatch(pending);
            }
        }
    }

    /// <summary>For good: what comes later fails at once.</summary>
    public void FailAll(RespException cause)
    {
        lock (_gate)
        {
            _closed = cause;
            foreach (var (pending, _, _) in _all)
            {
                pending.Fail(cause, pending.Life, parts.Completions);
                pending.Release();
            }

            _all.Clear();
        }
    }
}
