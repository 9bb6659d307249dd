using Millpond.Resp.Commands;

namespace Millpond.Resp.Nodes;

/// <summary>Commands that wait for a connection. Not safe by itself: its link's gate is held for everything but <see cref="GiveBack"/>.</summary>
internal sealed class WaitingLine
{
    private readonly Queue<Pending> _waiting = new();

    public int Count => _waiting.Count;

    public void Add(Pending pending) => _waiting.Enqueue(pending);

    public bool TryTake(out Pending pending) => _waiting.TryDequeue(out pending!);

    public Pending[] TakeAll()
    {
        var all = _waiting.ToArray();
        _waiting.Clear();
        return all;
    }

    public void FailOverdue(long now, Func<Pending, RespException> error, Completions completions)
    {
        foreach (var pending in _waiting)
        {
            if (pending.Deadline <= now && !pending.IsDecided)
            {
                pending.Fail(error, pending.Life, completions);
            }
        }

        while (_waiting.TryPeek(out var first) && first.IsDecided)
        {
            _waiting.Dequeue().Release();
        }
    }

    /// <summary>Hands commands back to whoever dispatched them, with the reason.</summary>
    public static void GiveBack(Pending[] all, Func<Pending, RespException> cause)
    {
        foreach (var pending in all)
        {
            if (pending.IsDecided)
            {
                pending.Release();
            }
            else
            {
                pending.Dispatcher.Lost(pending, cause(pending), wasWritten: false);
            }
        }
    }
}
