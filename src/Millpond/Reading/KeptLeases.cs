using Millpond.Policies;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Reading;

/// <summary>
/// The leases of one keyspace under which this process loads or writes. Each is extended at every quarter of its time, so leases can be short: one whose holder died or was
/// stopped ends soon, and one of those who wait becomes the next holder (A60).
/// </summary>
/// <remarks>
/// One timer for all of them, and none while there are none; a load that takes less than a quarter of a lease's time costs a place in a list. Extending grants nothing, so a lease
/// that a change ended stays ended, and an extension that overtakes its own fill or release does nothing.
/// </remarks>
internal sealed class KeptLeases(ISharedTier tier, Surroundings surroundings, Func<Policy> policy, Action<SharedTierException> failed, CancellationToken lifetime)
{
    // A lease is at most two quarters old when it is first extended; with an attempt at the third one lost message does not end it.
    private const int SignsInATime = 4;

    private readonly Lock _gate = new();
    private readonly LinkedList<KeptLease> _kept = new();
    private bool _isWatching;

    public KeptLease? Keep(SharedKey key, LeaseState lease)
    {
        if (!lease.IsHeld || lifetime.IsCancellationRequested)
        {
            return null;
        }

        var kept = new KeptLease(key, lease.Nonce, lease.GrantedAt);
        lock (_gate)
        {
            kept.Place = _kept.AddLast(kept);
            if (_isWatching)
            {
                return kept;
            }

            _isWatching = true;
        }

        surroundings.RunAside(WatchAsync);
        return kept;
    }

    public void LetGo(KeptLease? kept)
    {
        if (kept is not null)
        {
            lock (_gate)
            {
                RemoveNeedsLock(kept);
            }
        }
    }

    private async Task WatchAsync()
    {
        try
        {
            do
            {
                await surroundings.Delay(policy().LeaseTime / SignsInATime, lifetime).ConfigureAwait(false);
            }
            while (ExtendDue());
        }
        catch (OperationCanceledException)
        {
            // The cache is being disposed; what is under way gives its leases back.
        }
    }

    /// <summary>False if there is nothing to watch any more.</summary>
    private bool ExtendDue()
    {
        List<KeptLease> due = [];
        lock (_gate)
        {
            if (_kept.Count == 0)
            {
                _isWatching = false;
                return false;
            }

            var now = surroundings.Now;
            var quarter = policy().LeaseTime.Ticks / SignsInATime;
            for (var next = _kept.First; next is not null;)
            {
                var kept = next.Value;
                next = next.Next;
                if (now - kept.Since > policy().LeaseTimeMax.Ticks)
                {
                    RemoveNeedsLock(kept);
                }
                else if (!kept.IsAsking && now - kept.Since >= quarter)
                {
                    kept.IsAsking = true;
                    due.Add(kept);
                }
            }
        }

        foreach (var kept in due)
        {
            _ = ExtendAsync(kept);
        }

        return true;
    }

    private async Task ExtendAsync(KeptLease kept)
    {
        var isLost = false;
        try
        {
            var reply = await tier.AcquireAsync(kept.Key, new LeaseAsk(kept.Nonce, policy().LeaseTime, LeasePurpose.Extend), lifetime).ConfigureAwait(false);

            // The load goes on for those who wait for it; its fill will be refused.
            isLost = reply.Outcome != LeaseOutcome.Renewed;
        }
        catch (SharedTierException failure)
        {
            failed(failure);
        }
        catch (OperationCanceledException)
        {
            isLost = true;
        }

        lock (_gate)
        {
            kept.IsAsking = false;
            if (isLost)
            {
                RemoveNeedsLock(kept);
            }
        }
    }

    private void RemoveNeedsLock(KeptLease kept)
    {
        if (kept.Place is { } place)
        {
            _kept.Remove(place);
            kept.Place = null;
        }
    }
}

/// <summary>A lease that is extended while what is done under it goes on. Mutable fields: under the gate of <see cref="KeptLeases"/>.</summary>
internal sealed class KeptLease(SharedKey key, Nonce nonce, long since)
{
    public SharedKey Key { get; } = key;

    public Nonce Nonce { get; } = nonce;

    public long Since { get; } = since;

    public LinkedListNode<KeptLease>? Place { get; set; }

    public bool IsAsking { get; set; }
}
