#pragma warning disable RS0030 // This file is the seam: the one place where time, chance and scheduling may come from the platform.
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Millpond.Shared;

namespace Millpond.Runtime;

/// <summary>
/// Where time, chance and scheduling come from. Everything in the library that waits, draws or runs aside asks this object, so that
/// a simulator can run the whole client on one thread under virtual time and replay it from a seed.
/// </summary>
/// <remarks>
/// Ages are measured in ticks of 100 ns on a monotonic scale of this process alone (<see cref="Now"/>); nothing reads a wall clock.
/// A simulator must keep every continuation on its own thread. It can, because awaits in this library resume where the awaited thing
/// completed, and the only completions made here are <see cref="NewCompletion{T}"/> and timers of <see cref="Time"/>.
/// </remarks>
internal class Surroundings
{
    // Linux moves its coarse clock at every timer interrupt, at least a hundred times a second, and what is read of it is cut to a millisecond.
    private const long CoarseLagMilliseconds = 16;

    private const int NonceBytes = 16;
    private const int NoncesAtOnce = 256;

    [ThreadStatic]
    private static byte[]? _drawn;

    [ThreadStatic]
    private static int _drawnLeft;

    private readonly double _ticksPerStamp;
    private readonly bool _hasCoarseClock;

    public Surroundings(TimeProvider time)
    {
        Time = time;
        _ticksPerStamp = (double)TimeSpan.TicksPerSecond / time.TimestampFrequency;

        // There alone both clocks are known to count from the same moment at the same pace, which is looked at once more.
        _hasCoarseClock = OperatingSystem.IsLinux() && ReferenceEquals(time, TimeProvider.System)
            && Math.Abs(Environment.TickCount64 - (Now / TimeSpan.TicksPerMillisecond)) <= CoarseLagMilliseconds;
    }

    public static Surroundings Real { get; } = new(TimeProvider.System);

    public TimeProvider Time { get; }

    /// <summary>Monotonic ticks of 100 ns since an arbitrary beginning.</summary>
    public long Now
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (long)(Time.GetTimestamp() * _ticksPerStamp);
    }

    /// <summary>
    /// <see cref="Now"/> or a little later, at most 20 ms, in milliseconds, for a fifth of the price: for hits, which may take a value for older than it is and never for
    /// younger. Read from the system each time; a word that something else keeps up to date would say nothing true after the process was stopped.
    /// </summary>
    public long MillisecondsAtMost
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _hasCoarseClock ? Environment.TickCount64 + CoarseLagMilliseconds : (Now + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond;
    }

    /// <summary>How the process stands with memory.</summary>
    public virtual MemoryFigures Memory =>
        GC.GetGCMemoryInfo(GCKind.Any) is var told && told.HighMemoryLoadThresholdBytes > 0
            ? new(told.MemoryLoadBytes, told.HighMemoryLoadThresholdBytes, told.TotalAvailableMemoryBytes)
            : MemoryFigures.Plenty;

    /// <summary>Calls back, aside, whenever memory may be worth a look.</summary>
    public virtual IDisposable? WatchMemory(Action look) => new CollectionWatch(this, look);

    /// <summary>Uniform in [0, 1).</summary>
    public virtual double NextDouble() => Random.Shared.NextDouble();

    /// <summary>128 unpredictable bits, never all zero.</summary>
    public virtual Nonce NextNonce()
    {
        // Drawn a page at a time: asking the system costs more than everything else a read in the shared tier does here.
        var drawn = _drawn ??= new byte[NonceBytes * NoncesAtOnce];
        if (_drawnLeft == 0)
        {
            RandomNumberGenerator.Fill(drawn);
            _drawnLeft = NoncesAtOnce;
        }

        var bytes = drawn.AsSpan(--_drawnLeft * NonceBytes, NonceBytes);
        return new Nonce(BitConverter.ToUInt64(bytes) | 1, BitConverter.ToUInt64(bytes[8..]));
    }

    /// <summary>
    /// Starts work that nobody awaits. The caller's execution context does not flow: a refresh in the background must not keep a request's
    /// context alive. The work must not throw.
    /// </summary>
    public virtual void RunAside(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(work);
        }
    }

    /// <summary>A completion whose waiters never run on the stack of whoever completes it.</summary>
    public virtual TaskCompletionSource<T> NewCompletion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether waiters resume aside, as <see cref="NewCompletion{T}"/> has them do.</summary>
    public virtual bool ResumesAside => true;

    /// <summary>
    /// What one of several awaits of the same task. The platform resumes only one of them where the task completed and the others on the thread pool; a simulator
    /// gives each a task of its own.
    /// </summary>
    public virtual Task<T> Fork<T>(Task<T> shared) => shared;

    /// <summary>Not the platform's own delay where it can be cancelled, because that one goes on from a cancellation on the thread pool, out of a simulator's sight.</summary>
    public Task Delay(TimeSpan time, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? DelayAsync(time, cancellationToken) : Task.Delay(time, Time, cancellationToken);

    /// <summary>A timer that fires once, if it is armed, and keeps nobody's execution context alive.</summary>
    public ITimer NewTimer(TimerCallback callback, object? state, TimeSpan due)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return Time.CreateTimer(callback, state, due, Timeout.InfiniteTimeSpan);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return Time.CreateTimer(callback, state, due, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Awaits a task that others await too, until one caller's token is cancelled; the task goes on. Not the platform's own wait, because that one
    /// resumes on the thread pool, out of a simulator's sight.</summary>
    public async Task<T> WaitAsync<T>(Task<T> task, CancellationToken cancellationToken)
    {
        if (task.IsCompleted || !cancellationToken.CanBeCanceled)
        {
            return await Fork(task).ConfigureAwait(false);
        }

        var first = NewCompletion<T>();
        using (cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource<T>)state!).TrySetCanceled(token), first))
        {
            _ = ForwardAsync(Fork(task), first);
            return await first.Task.ConfigureAwait(false);
        }
    }

    /// <summary>As <see cref="WaitAsync{T}"/>, for a task without a result.</summary>
    public Task WaitAsync(Task task, CancellationToken cancellationToken)
    {
        return task.IsCompleted || !cancellationToken.CanBeCanceled ? task : WaitAsync(WithResultAsync(task), cancellationToken);

        static async Task<bool> WithResultAsync(Task task)
        {
            await task.ConfigureAwait(false);
            return true;
        }
    }

    private async Task DelayAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var over = NewCompletion<bool>();
        using var timer = NewTimer(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(true), over, time);
        using (cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), over))
        {
            await over.Task.ConfigureAwait(false);
        }
    }

    private static async Task ForwardAsync<T>(Task<T> task, TaskCompletionSource<T> completion)
    {
        try
        {
            completion.TrySetResult(await task.ConfigureAwait(false));
        }
        catch (Exception failure)
        {
            completion.TrySetException(failure);

            // Seen by whoever still waits; if nobody does, it is no unobserved failure.
            _ = completion.Task.Exception;
        }
    }
}
