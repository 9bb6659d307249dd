using System.Threading.RateLimiting;
using Millpond.AdHoc;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Coordination;

/// <summary>What processes share besides entries: counters, locks, limits of rate. Each has names of its own, which do not meet those of entries.</summary>
internal sealed class Coordinator(ISharedTier tier, AdHocKeyspace adHoc, Surroundings surroundings)
{
    // Tokens begin above every count that began at 0: a microsecond each since 1970.
    private const long SeededFrom = 1_000_000L * 60 * 60 * 24 * 365;
    private static readonly TimeSpan TimeMax = TimeSpan.FromDays(1);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(1);

    public ValueTask<CounterReply> CountAsync(string counter, CounterAsk ask, CancellationToken cancellationToken)
    {
        adHoc.Keyspace.Core.ThrowIfDisposed();
        return tier.CountAsync(adHoc.Keyspace.Core.NameOf(counter), ask, cancellationToken);
    }

    public async ValueTask<CacheLock?> TryLockAsync(string name, TimeSpan time, TimeSpan patience, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(patience, TimeSpan.Zero);
        adHoc.Keyspace.Core.ThrowIfDisposed();
        var (key, ask, until) = (NameOf(name, "~locks"), new LeaseAsk(surroundings.NextNonce(), time), surroundings.Now + patience.Ticks);
        for (long? token = null; ;)
        {
            var askedAt = surroundings.Now;
            var outcome = (await tier.AcquireAsync(key, ask, cancellationToken).ConfigureAwait(false)).Outcome;
            if (outcome == LeaseOutcome.Renewed && token is { } mine)
            {
                // Held before the token was drawn and ever since, so nobody holds a higher one.
                return new CacheLock(tier, surroundings, key, ask, mine, askedAt);
            }

            token = null;
            if (outcome != LeaseOutcome.Held)
            {
                token = await NextTokenAsync(key, cancellationToken).ConfigureAwait(false);
            }
            else if (surroundings.Now >= until)
            {
                return null;
            }
            else
            {
                var left = TimeSpan.FromTicks(until - surroundings.Now);
                await tier.WaitAsync(key, left < WaitMax ? left : WaitMax, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public RateLimiter RateLimiter(string name, int permits, TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(permits, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(window, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, TimeMax);
        return new SharedRateLimiter(tier, NameOf(name, "~limits"), permits, window, surroundings);
    }

    private async ValueTask<long> NextTokenAsync(SharedKey key, CancellationToken cancellationToken)
    {
        var token = (await tier.CountAsync(key, new CounterAsk(1), cancellationToken).ConfigureAwait(false)).Sum;
        if (token < SeededFrom)
        {
            // The first ever, or the first since the shared tier lost what it held.
            var microseconds = (surroundings.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
            token = (await tier.CountAsync(key, new CounterAsk(microseconds), cancellationToken).ConfigureAwait(false)).Sum;
        }

        return token;
    }

    private SharedKey NameOf(string name, string what)
    {
        var named = adHoc.Keyspace.Core.NameOf(name);
        return named with { Partition = named.Partition with { Keyspace = named.Partition.Keyspace + what } };
    }
}
