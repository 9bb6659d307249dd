using System.Collections.Concurrent;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Commands;

/// <summary>
/// Continues callers whose outcome is decided. A thread that has just received replies has nothing better to do than to run what waits for them, which spares a
/// change of threads; but a caller's code may block, so nobody else's may depend on its coming back.
/// </summary>
/// <remarks>
/// So: whoever drains takes one caller at a time from a queue that all share, and before running it makes sure that another thread has been asked for if more
/// wait. One request is outstanding at most. That thread takes from the same queue and does the same. A caller that blocks holds up nobody but itself, even if what it
/// blocks on is the reply behind its own.
/// </remarks>
internal sealed class Completions(RespSurroundings surroundings) : IThreadPoolWorkItem
{
    // Then the thread goes back to the pool, so that what else waits there has its turn.
    private const int DrainedAtOnceMax = 512;

    private readonly ConcurrentQueue<Pending> _decided = new();
    private int _requested;

    [ThreadStatic]
    private static Completions? _draining;

    /// <summary>Whether this thread is continuing callers and more of them wait: what they send is worth sending together.</summary>
    public bool IsDrainingMore => _draining == this && !_decided.IsEmpty;

    /// <summary>Callers whose outcome is decided and who were not continued yet.</summary>
    public int Count => _decided.Count;

    /// <summary>Monotonic ticks of 100 ns.</summary>
    public long Now => surroundings.Now;

    /// <summary>For the receiving thread, which drains afterwards or asks for a thread that does.</summary>
    public void Add(Pending pending) => _decided.Enqueue(pending);

    /// <summary>For everybody else: deadlines, cancellations, lost connections.</summary>
    public void AddAside(Pending pending)
    {
        _decided.Enqueue(pending);
        RequestDrain();
    }

    public void RequestDrain()
    {
        if (!_decided.IsEmpty && Interlocked.Exchange(ref _requested, 1) == 0)
        {
            surroundings.Queue(this);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        // A full fence, and not only a write: the queue must not be found empty before others can see that nobody has been asked for any more. Whoever was added in between
        // would wait for the next reply, perhaps for ever.
        Interlocked.Exchange(ref _requested, 0);
        Drain(null);
    }

    /// <summary>Continues callers until none is left, then calls <paramref name="afterwards"/>.</summary>
    public void Drain(IAfterDrain? afterwards)
    {
        var outer = _draining;
        _draining = this;
        for (var i = 0; i < DrainedAtOnceMax && _decided.TryDequeue(out var pending); i++)
        {
            if (!_decided.IsEmpty)
            {
                RequestDrain();
            }

            pending.Finish();
        }

        _draining = outer;
        RequestDrain();
        afterwards?.AfterDrain();
    }
}

/// <summary>What was put off while callers were continued.</summary>
internal interface IAfterDrain
{
    void AfterDrain();
}
