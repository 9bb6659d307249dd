using Millpond.Runtime;

namespace Millpond.Shared.InProcess;

/// <summary>
/// One record: a lease, a value, or both (rule 1). All times are <see cref="Surroundings.Now"/>. What is over is dropped by
/// <see cref="DropWhatIsOver"/>, which every finder calls before it looks. Owned by a partition; touched under its lock only.
/// </summary>
internal sealed class StoredRecord(string key, Ledger ledger)
{
    /// <summary>
    /// What a record weighs besides its encoded bytes and its key's characters: this object, the value's, three object headers, and its slots in a
    /// dictionary and a list. Measured from 70,000 to 200,000 records on 64 bits: 265 to 280 bytes, whatever the payload. Rounded up for
    /// tables that have just grown, because a limit that errs should err to the small side.
    /// </summary>
    public const int OverheadBytes = 320;

    private long _leasedAt;
    private long _leaseUntil;
    private long _loadBegan;
    private long _hardUntil;
    private long _invalidatedAt;
    private long _sliding;

    public string Key { get; } = key;

    /// <summary>Where the record stands in its table's list.</summary>
    public int Index { get; set; }

    public Nonce Lease { get; private set; }

    public LeasePurpose Purpose { get; private set; }

    public StoredValue? Value { get; private set; }

    public bool IsInvalidated { get; private set; }

    public long ReadAt { get; private set; }

    public bool IsLeased => !Lease.IsNone;

    public bool IsEmpty => Value is null && !IsLeased;

    public long Weight => WeightOf(Key, Value);

    public static long WeightOf(string key, StoredValue? value) => OverheadBytes + (2L * key.Length) + (value?.Bytes.Length ?? 0);

    public TimeSpan LeaseLeft(long now) => new(_leaseUntil - now);

    public void BeginLease(in LeaseAsk ask, long now)
    {
        Lease = ask.Nonce;
        Purpose = ask.Purpose;
        _leasedAt = now;
        _leaseUntil = now + ask.Time.Ticks;
        ReadAt = now;
    }

    public void ExtendLease(in LeaseAsk ask, long now) => _leaseUntil = Math.Max(_leaseUntil, now + ask.Time.Ticks);

    /// <summary>What a fill spent on the way, and the grant before it, if its sender had the grant for <paramref name="sinceGrant"/> when it sent the fill.</summary>
    public TimeSpan OnTheWay(TimeSpan sinceGrant, long now) => new(IsLeased ? Math.Max(0, now - _leasedAt - sinceGrant.Ticks) : 0);

    public void EndLease() => Lease = Nonce.None;

    public void Store(StoredValue value, TimeSpan onTheWay, long now)
    {
        DropValue();
        Value = value;
        ledger.Add(value.Bytes.Length);
        _loadBegan = now - value.AgeAtFill.Ticks - onTheWay.Ticks;
        // A hard time too long for the scale means the end of the scale, not a time in the past.
        _hardUntil = value.HardTimeToLive.Ticks > long.MaxValue - Math.Max(now, 0) ? long.MaxValue : _loadBegan + value.HardTimeToLive.Ticks;
        _sliding = value.Sliding.Ticks;
        ReadAt = now;
    }

    /// <summary>A value that several changes passed over is as old as the first of them says.</summary>
    public void Invalidate(AfterInvalidation after, long now)
    {
        if (after == AfterInvalidation.Gone)
            DropValue();
        else if (Value is not null && !IsInvalidated)
            (IsInvalidated, _invalidatedAt) = (true, now);
    }

    public void DropValue()
    {
        ledger.Add(-(Value?.Bytes.Length ?? 0));
        (Value, IsInvalidated) = (null, false);
    }

    public void DropWhatIsOver(long now)
    {
        if (IsLeased && now >= _leaseUntil)
            EndLease();
        if (Value is not null && (now >= _hardUntil || (_sliding > 0 && now - ReadAt >= _sliding)))
            DropValue();
    }

    public ReadReply Read(long now, in PartitionState state)
    {
        ReadAt = now;
        return new ReadReply
        {
            Record = Value?.Decode(),
            Age = new TimeSpan(now - _loadBegan),
            IsInvalidated = IsInvalidated,
            InvalidatedFor = new TimeSpan(IsInvalidated ? now - _invalidatedAt : 0),
            State = state,
        };
    }

    /// <summary>For a snapshot: values are immutable, so a shallow copy shares nothing that changes.</summary>
    public StoredRecord Clone(Ledger into)
    {
        var clone = new StoredRecord(Key, into)
        {
            Lease = Lease,
            Purpose = Purpose,
            Value = Value,
            IsInvalidated = IsInvalidated,
            ReadAt = ReadAt,
        };
        (clone._leasedAt, clone._leaseUntil, clone._loadBegan, clone._hardUntil) = (_leasedAt, _leaseUntil, _loadBegan, _hardUntil);
        (clone._invalidatedAt, clone._sliding) = (_invalidatedAt, _sliding);
        return clone;
    }
}
