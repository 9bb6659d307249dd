using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond;

/// <summary>
/// A lock that this process holds among all processes on one shared tier, for those who need one: a cache does not, and most work is better made harmless to do twice. It ends when it is
/// disposed, or with its time, whichever comes first; a holder that was paused may not notice. So whatever the lock protects should be given <see cref="FencingToken"/>
/// and refuse a lower one than it has seen.
/// </summary>
/// <remarks>See M. Kleppmann, "How to do distributed locking", 2016, for why a token is needed. A shared tier that evicts, restarts or fails over forgets locks.</remarks>
public sealed class CacheLock : IAsyncDisposable
{
    private readonly ISharedTier _tier;
    private readonly Surroundings _surroundings;
    private readonly SharedKey _key;
    private readonly LeaseAsk _ask;
    private long _until;
    private int _isOver;

    internal CacheLock(ISharedTier tier, Surroundings surroundings, SharedKey key, LeaseAsk ask, long fencingToken, long askedAt)
    {
        (_tier, _surroundings, _key, _ask, FencingToken) = (tier, surroundings, key, ask, fencingToken);
        _until = askedAt + ask.Time.Ticks;
    }

    /// <summary>Higher than that of anybody who held the lock before, also after the shared tier has lost what it held (then it goes on from the wall clock).</summary>
    public long FencingToken { get; }

    /// <summary>How long the lock is still held for certain, by this process's own clock; zero when it is over.</summary>
    public TimeSpan TimeLeft => Volatile.Read(ref _isOver) != 0 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Max(0, Volatile.Read(ref _until) - _surroundings.Now));

    /// <summary>Begins the lock's time anew.</summary>
    /// <param name="cancellationToken">Ends the wait; the outcome is then unknown.</param>
    /// <returns>False if the lock was lost; it is over then, and whoever needs it must take it again.</returns>
    /// <exception cref="SharedTierException">The shared tier did not answer; the lock then ends with the time it had.</exception>
    public async ValueTask<bool> ExtendAsync(CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _isOver) != 0)
        {
            return false;
        }

        var askedAt = _surroundings.Now;
        var reply = await _tier.AcquireAsync(_key, _ask, cancellationToken).ConfigureAwait(false);
        if (reply.Outcome == LeaseOutcome.Renewed)
        {
            Volatile.Write(ref _until, askedAt + _ask.Time.Ticks);
            return true;
        }

        // Granted anew, it was somebody else's in between, perhaps, and the token is no longer the highest.
        await DisposeAsync().ConfigureAwait(false);
        return false;
    }

    /// <summary>Gives the lock back, if it is still held. Never throws: a shared tier that does not answer lets the lock end with its time.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0)
        {
            return;
        }

        try
        {
            await _tier.ReleaseAsync(_key, _ask.Nonce, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SharedTierException)
        {
            // It ends by itself.
        }
    }
}
