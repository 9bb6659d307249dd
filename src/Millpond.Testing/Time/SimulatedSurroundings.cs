using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Testing.Time;

/// <summary>
/// Surroundings in which a whole run happens on one thread, in one order, decided by a seed: simulated time, seeded chance, and a queue in the
/// place of the thread pool.
/// </summary>
/// <remarks>
/// <para>
/// Completions made here run their continuations at once, on the stack of whoever completes them. The platform offers nothing else that
/// stays on one thread: an asynchronous continuation of an await without context always goes to the thread pool. What a completer does after
/// completing is therefore done later here than in production, which is one more legal order; code that would break by it completes
/// under a lock or in the middle of a change, and breaks in production too, only more rarely.
/// </para>
/// <para>
/// <see cref="Run"/> takes the synchronization context away, because the platform never continues at once under a foreign one. A continuation that
/// still leaves the thread is caught by <see cref="NeedsThread"/> at the next thing it asks of its surroundings.
/// </para>
/// </remarks>
internal sealed class SimulatedSurroundings : Surroundings
{
    private readonly Random _chance;
    private readonly Queue<Func<Task>> _aside = new();
    private int _thread;
    private Exception? _fault;

    public SimulatedSurroundings(int seed)
        : this(seed, new SimulatedTime())
    {
    }

    public SimulatedSurroundings(int seed, SimulatedTime time)
        : base(time)
    {
        _chance = new Random(seed);
        Clock = time;
    }

    /// <summary>The same as <see cref="Surroundings.Time"/>, with the hand that moves it.</summary>
    public SimulatedTime Clock { get; }

    public override bool ResumesAside => false;

    public override MemoryFigures Memory => MemoryFigures.Plenty;

    public override IDisposable? WatchMemory(Action look) => null;

    public override double NextDouble()
    {
        NeedsThread();
        return _chance.NextDouble();
    }

    public override Nonce NextNonce()
    {
        NeedsThread();
        return new Nonce((ulong)_chance.NextInt64() | 1, (ulong)_chance.NextInt64());
    }

    public override void RunAside(Func<Task> work)
    {
        NeedsThread();
        _aside.Enqueue(work);
    }

    public override TaskCompletionSource<T> NewCompletion<T>()
    {
        NeedsThread();
        return new TaskCompletionSource<T>();
    }

    public override Task<T> Fork<T>(Task<T> shared)
    {
        if (shared.IsCompleted)
            return shared;
        TaskCompletionSource<T> own = NewCompletion<T>();
        shared.ContinueWith(done => own.SetFromTask(done), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return own.Task;
    }

    /// <summary>Runs the oldest work that was put aside, up to its first wait; false if there is none.</summary>
    public bool RunOne()
    {
        if (!_aside.TryDequeue(out Func<Task>? work))
            return false;
        _ = WatchedAsync(work);
        return true;
    }

    /// <summary>Runs what was put aside, and what that puts aside, without moving the time.</summary>
    public void RunUntilIdle() => OnThisThread(() =>
    {
        while (RunOne())
            Rethrow();
    });

    /// <summary>Runs work to its end: what was put aside first; when nothing is left to run, time moves to the next timer.</summary>
    /// <exception cref="InvalidOperationException">The work waits for something that will never happen.</exception>
    public void Run(Func<Task> work) => OnThisThread(() =>
    {
        Task task = work();
        while (!task.IsCompleted)
        {
            if (!RunOne() && !Clock.AdvanceToNextTimer())
                throw new InvalidOperationException($"Stuck after {Clock.Elapsed}: nothing to run and no timer armed, and the work is not done.");
            Rethrow();
        }

        task.GetAwaiter().GetResult();
    });

    private void OnThisThread(Action action)
    {
        SynchronizationContext? context = SynchronizationContext.Current;
        int thread = _thread;
        SynchronizationContext.SetSynchronizationContext(null);
        _thread = Environment.CurrentManagedThreadId;
        try
        {
            action();
            Rethrow();
        }
        finally
        {
            _thread = thread;
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Work aside must not throw; here it is told to whoever runs the simulation.</summary>
    private async Task WatchedAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            _fault ??= fault;
        }
    }

    private void Rethrow()
    {
        if (_fault is null)
            return;
        (Exception fault, _fault) = (_fault, null);
        throw new InvalidOperationException("Work that was run aside threw, which it must not.", fault);
    }

    private void NeedsThread()
    {
        if (_thread != 0 && _thread != Environment.CurrentManagedThreadId)
            throw new InvalidOperationException("A continuation left the simulation's thread; the run would not repeat from its seed.");
    }
}
