#pragma warning disable RS0030 // This file is the seam: the one place of this assembly where time, chance and scheduling may come from the platform.
using System.Security.Cryptography;

namespace Millpond.Resp.Runtime;

/// <summary>
/// Where time, chance and scheduling come from. Everything here that waits, draws or runs aside asks this object, so that a simulator can run the whole
/// client on one thread under virtual time and replay it from a seed.
/// </summary>
internal class RespSurroundings
{
    private readonly double _ticksPerStamp;

    public RespSurroundings(TimeProvider time)
    {
        Time = time;
        _ticksPerStamp = (double)TimeSpan.TicksPerSecond / time.TimestampFrequency;
    }

    public static RespSurroundings Real { get; } = new(TimeProvider.System);

    public TimeProvider Time { get; }

    /// <summary>Monotonic ticks of 100 ns since an arbitrary beginning.</summary>
    public long Now => (long)(Time.GetTimestamp() * _ticksPerStamp);

    /// <summary>Uniform in [0, 1).</summary>
    public virtual double NextDouble() => Random.Shared.NextDouble();

    /// <summary>Runs something on the thread pool, behind what waits there already, without the caller's execution context.</summary>
    public virtual void Queue(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);

    /// <summary>Starts work that nobody awaits, without the caller's execution context. The work must not throw.</summary>
    public virtual void RunAside(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Run(work);
        }
    }

    /// <summary>A completion whose waiters never run on the stack of whoever completes it.</summary>
    public virtual TaskCompletionSource<T> NewCompletion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Delay(TimeSpan time, CancellationToken cancellationToken) => Task.Delay(time, Time, cancellationToken);

    /// <summary>A number that no other life of this process draws.</summary>
    public virtual ulong NextNumber()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
