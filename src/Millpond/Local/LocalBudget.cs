namespace Millpond.Local;

/// <summary>A part of a local tier as its budget sees it. Every method takes the part's own lock.</summary>
internal interface ILocalShare
{
    long Bytes { get; }

    /// <summary>How much of the budget it has; it holds no more than that.</summary>
    long Quota { get; }

    /// <summary>What it is promised at least.</summary>
    long QuotaPromised { get; }

    /// <summary>What of that holds now. Written by the budget alone.</summary>
    long QuotaMin { get; set; }

    long QuotaMax { get; }

    /// <summary>What the entry it would evict next is worth, in expected hits for each second and byte.</summary>
    double VictimWorth { get; }

    void Grant(long bytes);

    /// <summary>Gives up a part of its quota, evicting if need be but no more than a number of entries, and never below its least.</summary>
    /// <returns>What it gave up.</returns>
    long Yield(long bytes, int evictionsMax);
}

/// <summary>
/// The bytes that all keyspaces of a cache share, dealt out to the shards in portions. What is dealt out and what is left add up to the budget, so the whole is never over it. While
/// memory is so short that the budget is less than all promises together, each floor is lowered in proportion. A shard that stays within its quota touches nothing that another one writes.
/// </summary>
/// <remarks>
/// Once all is dealt out a shard evicts from itself, and now and then compares: if what another one would evict next is worth less, that one yields a portion. So memory goes
/// to the keyspace in which a byte earns most hits, and one keyspace cannot drown another below its floor. There is no background work: whoever stores pays.
/// </remarks>
internal sealed class LocalBudget
{
    // Small enough that what shards have and do not fill is a few per cent of any budget, and large enough that one store in dozens asks for one.
    private const long PortionMax = 64 << 10;
    private const long PortionMin = 4 << 10;
    private const int PortionsPerBudget = 4_096;
    private const int PortionsPerSmallBudget = 64;

    // Worth is an estimate. Without a margin two shards of equal worth would pass a portion to and fro.
    private const double WorthMargin = 0.8;
    private const int EvictionsPerYield = 64;

    // 2^32 divided by the golden ratio. Counting by one, shards that store in turn would each meet the same other one for ever, or themselves.
    private const uint Stride = 0x9E37_79B1;

    private readonly Lock _gate = new();
    private ILocalShare[] _shares = [];
    private long _bytesMax = long.MaxValue;
    private long _left = long.MaxValue;
    private uint _cursor;

    public long BytesMax => Volatile.Read(ref _bytesMax);

    public long Bytes
    {
        get
        {
            var sum = 0L;
            foreach (var share in Volatile.Read(ref _shares))
            {
                sum += share.Bytes;
            }

            return sum;
        }
    }

    /// <summary>How much more than it needs a shard may keep.</summary>
    public long SlackMax => 4 * Portion;

    private long Portion => Math.Clamp(BytesMax / PortionsPerBudget, Math.Clamp(BytesMax / PortionsPerSmallBudget, 1, PortionMin), PortionMax);

    public void Join(ILocalShare share)
    {
        lock (_gate)
        {
            Volatile.Write(ref _shares, [.. _shares, share]);
        }
    }

    /// <summary>Changes the budget. If it is less than what is held, shards evict until it is not.</summary>
    public void Resize(long bytesMax)
    {
        lock (_gate)
        {
            Interlocked.Add(ref _left, bytesMax - _bytesMax);
            Volatile.Write(ref _bytesMax, bytesMax);
            LowerFloorsNeedsGate();
        }

        Recover(0);
        KeepPromises();
    }

    /// <summary>Deals out up to a portion, or what is asked for if that is more; as much as is left and no more than there is room for.</summary>
    public long Take(long wanted, long room)
    {
        while (true)
        {
            var left = Volatile.Read(ref _left);
            var taken = Math.Min(Math.Min(Math.Max(wanted, Portion), left), room);
            if (taken <= 0)
            {
                return 0;
            }

            if (Interlocked.CompareExchange(ref _left, left - taken, left) == left)
            {
                return taken;
            }
        }
    }

    public void Return(long bytes) => Interlocked.Add(ref _left, bytes);

    /// <summary>Finds room for an entry that is larger than all a shard has, at the cost of those that have most.</summary>
    public void Claim(ILocalShare share, long bytes)
    {
        var wanted = Math.Min(bytes, share.QuotaMax) - share.Quota;
        if (wanted > 0 && bytes <= BytesMax)
        {
            Recover(wanted, share);
            share.Grant(Take(wanted, wanted));
        }
    }

    /// <summary>Has a shard reserved what it is promised from now on.</summary>
    public void Reserve(ILocalShare share)
    {
        if (share.QuotaPromised == share.QuotaMin && share.Quota >= share.QuotaMin)
        {
            return;
        }

        lock (_gate)
        {
            LowerFloorsNeedsGate();
        }

        KeepPromises();
    }

    /// <summary>Where all is dealt out, moves a portion to a shard from another one whose next victim is worth less. Shards call it now and then, each time for another one.</summary>
    public void Balance(ILocalShare share)
    {
        if (Volatile.Read(ref _left) >= Portion)
        {
            return;
        }

        var shares = Volatile.Read(ref _shares);
        var other = shares[(int)((ulong)(Interlocked.Increment(ref _cursor) * Stride) * (uint)shares.Length >> 32)];
        if (!ReferenceEquals(other, share) && other.Quota > other.QuotaMin && share.Quota < share.QuotaMax && other.VictimWorth < share.VictimWorth * WorthMargin)
        {
            Return(other.Yield(Portion, EvictionsPerYield));
        }
    }

    /// <summary>Sets the floors: what is promised, or if that is more than there is, the same part of it for each.</summary>
    private void LowerFloorsNeedsGate()
    {
        Int128 promised = 0;
        foreach (var share in _shares)
        {
            promised += share.QuotaPromised;
        }

        foreach (var share in _shares)
        {
            share.QuotaMin = promised <= _bytesMax ? share.QuotaPromised : (long)(share.QuotaPromised * (Int128)Math.Max(_bytesMax, 0) / promised);
        }
    }

    /// <summary>Brings every shard up to its floor.</summary>
    private void KeepPromises()
    {
        foreach (var share in Volatile.Read(ref _shares))
        {
            if (share.QuotaMin - share.Quota is > 0 and var missing)
            {
                Recover(missing, share);
                share.Grant(Take(missing, missing));
            }
        }
    }

    /// <summary>Has shards yield until so much is left, those first that have most above their floors.</summary>
    private void Recover(long wanted, ILocalShare? sparing = null)
    {
        var shares = Volatile.Read(ref _shares);
        while (Volatile.Read(ref _left) is var left && left < wanted)
        {
            ILocalShare? richest = null;
            foreach (var share in shares)
            {
                richest = !ReferenceEquals(share, sparing) && (richest is null || share.Quota - share.QuotaMin > richest.Quota - richest.QuotaMin) ? share : richest;
            }

            if (richest is null || richest.Yield(Math.Max(Portion, (wanted - left) / shares.Length), int.MaxValue) is var yielded && yielded == 0)
            {
                return;
            }

            Return(yielded);
        }
    }
}
