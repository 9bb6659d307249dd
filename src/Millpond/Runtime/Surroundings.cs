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
    private readonly double _ticksPerStamp;

    public Surroundings(TimeProvider time)
    {
        Time = time;
        _ticksPerStamp = (double)TimeSpan.TicksPerSecond / time.TimestampFrequency;
    }

    public static Surroundings Real { get; } = new(TimeProvider.System);

    public TimeProvider Time { get; }

    /// <summary>Monotonic ticks of 100 ns since an arbitrary beginning.</summary>
    public long Now
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (long)(Time.GetTimestamp() * _ticksPerStamp);
    }

    /// <summary>Uniform in [0, 1).</summary>
    public virtual double NextDouble() => Random.Shared.NextDouble();

    /// <summary>128 unpredictable bits, never all zero.</summary>
    public virtual Nonce NextNonce()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
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

    public Task Delay(TimeSpan time, CancellationToken cancellationToken) => Task.Delay(time, Time, cancellationToken);
}
