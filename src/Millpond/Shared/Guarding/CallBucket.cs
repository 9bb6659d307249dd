using Millpond.Runtime;

namespace Millpond.Shared.Guarding;

/// <summary>
/// One time-out for all calls that begin within a short stretch and share a caller's token. A time-out of its own for each call would cost more than everything else that guards it.
/// </summary>
/// <remarks>Held by whoever made it, and by each call under way; the last to let go disposes it.</remarks>
internal sealed class CallBucket : IDisposable
{
    private readonly CancellationTokenSource _late;
    private readonly CancellationTokenSource _either;
    private int _holders = 1;

    public CallBucket(long until, TimeSpan time, Surroundings surroundings, CancellationToken caller)
    {
        (Caller, Until) = (caller, until);
        _late = new CancellationTokenSource(time, surroundings.Time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_late.Token, caller);
        Token = _either.Token;
    }

    public CancellationToken Caller { get; }

    /// <summary>Calls that begin later belong to another.</summary>
    public long Until { get; }

    /// <summary>Ends a call: its time is over, or its caller has gone.</summary>
    public CancellationToken Token { get; }

    public bool IsLate => _late.IsCancellationRequested;

    /// <summary>False if it has been disposed in this moment.</summary>
    public bool TryHold()
    {
        for (var held = Volatile.Read(ref _holders); held > 0; held = Volatile.Read(ref _holders))
        {
            if (Interlocked.CompareExchange(ref _holders, held + 1, held) == held)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Lets go of it, once for each hold.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            _either.Dispose();
            _late.Dispose();
        }
    }
}
