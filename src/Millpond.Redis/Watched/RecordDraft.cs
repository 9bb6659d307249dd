using System.Buffers.Binary;
using Millpond.Redis.Layout;
using Millpond.Redis.Requests;
using Millpond.Resp;
using Millpond.Shared;

namespace Millpond.Redis.Watched;

/// <summary>
/// One record as a step found it, and what the step makes of it: the same bytes that the scripts write (Scripts/common.lua), so that processes with and without scripts share an engine.
/// </summary>
internal sealed class RecordDraft : IDisposable
{
    /// <summary>What stands in front of a value: all that a step must know of a record.</summary>
    public const int HeadLength = RecordHead.Length + RecordFormat.StampOffset;

    private const int FlagsAt = RecordHead.Length + 1;
    private const int LeasedInAt = RecordHead.Length + RecordFormat.LeasedInOffset;
    private const int LeaseAt = RecordHead.Length + RecordFormat.LeaseOffset;

    private readonly byte[] _key;
    private readonly PooledBytes? _whole;
    private readonly bool _isStored;
    private bool _isTaken;
    private RecordHead _head;
    private RecordFlags _flags;
    private Incarnation _leasedIn;
    private ReadOnlyMemory<byte>? _stored;
    private bool _isChanged;
    private bool _isAwaitedNow;

    /// <param name="key">Its name in the engine.</param>
    /// <param name="whole">Its head or all of it; null if there is none. Disposed with this unless it is taken.</param>
    /// <param name="incarnation">The partition's.</param>
    /// <param name="time">What the engine's clock shows.</param>
    public RecordDraft(byte[] key, PooledBytes? whole, Incarnation incarnation, long time)
    {
        (_key, _whole) = (key, whole);
        var bytes = whole is null ? default : whole.Memory.Span;
        if (bytes.Length < HeadLength || !RecordHead.TryRead(bytes, out _head))
        {
            return;
        }

        _isStored = true;
        _flags = (RecordFlags)bytes[FlagsAt];
        Nonce = new Nonce(BinaryPrimitives.ReadUInt64LittleEndian(bytes[LeaseAt..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[(LeaseAt + 8)..]));
        _leasedIn = new Incarnation(BinaryPrimitives.ReadUInt64LittleEndian(bytes[LeasedInAt..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[(LeasedInAt + 8)..]));

        // A lease of another incarnation can fill nothing; counting it would only keep others from loading (A24).
        IsLeased = !Nonce.IsNone && _head.LeaseUntil > time && _leasedIn == incarnation;
        HasValue = _flags.Has(RecordFlags.Value) && _head.ValueUntil > time;
        _head = _head with { IsAwaited = _head.IsAwaited && IsLeased };
    }


    public bool IsLeased { get; private set; }

    public bool HasValue { get; private set; }

    public bool IsForWriting => _flags.Has(RecordFlags.WriteLease);

    public bool IsAwaited => _head.IsAwaited;

    public bool IsSliding => _head.Sliding > 0;

    public Nonce Nonce { get; private set; }

    public long LeasedAt => _head.LeasedAt;

    /// <summary>What was read, for somebody who will dispose it.</summary>
    public PooledBytes? TakeWhole()
    {
        if (_whole is null || !_isTaken)
        {
            _isTaken = true;
            return _whole;
        }

        return PooledBytes.CopyOf(_whole.Memory.Span);
    }

    public void Dispose()
    {
        if (!_isTaken)
        {
            _whole?.Dispose();
        }
    }

    public void Grant(Nonce nonce, long milliseconds, LeasePurpose purpose, Incarnation incarnation, long time)
    {
        (IsLeased, Nonce, _leasedIn, _isChanged) = (true, nonce, incarnation, true);
        _flags = purpose == LeasePurpose.Write ? _flags | RecordFlags.WriteLease : _flags & ~RecordFlags.WriteLease;
        _head = _head with { LeasedAt = time, LeaseUntil = time + milliseconds };
    }

    public void Extend(long milliseconds, long time)
    {
        _isChanged = true;
        _head = _head with { LeaseUntil = Math.Max(_head.LeaseUntil, time + milliseconds) };
    }

    /// <summary>Whoever ends the lease next wakes those who wait; without any, nobody is told.</summary>
    public void Await()
    {
        _isAwaitedNow |= !IsAwaited;
        _head = _head with { IsAwaited = true };
    }

    public void EndLease()
    {
        (IsLeased, _isChanged) = (false, true);
        _head = _head with { IsAwaited = false };
    }

    /// <summary>A change of its key: the value goes, or stays as a stale one.</summary>
    public void Invalidate(AfterInvalidation after, long time)
    {
        _isChanged = true;
        if (after == AfterInvalidation.Gone)
        {
            HasValue = false;
            _stored = null;
        }
        else if (HasValue && !_flags.Has(RecordFlags.Stale))
        {
            _flags |= RecordFlags.Stale;
            _head = _head with { InvalidatedAt = time };
        }
    }

    /// <summary>A read of a value with a sliding time.</summary>
    public void Slide(long time)
    {
        _isChanged = true;
        _head = _head with { ValueUntil = Math.Min(time + _head.Sliding, _head.HardUntil) };
    }

    /// <summary>Takes a value whose load began <paramref name="age"/> ago; one that is over already is not kept.</summary>
    public void Store(ReadOnlyMemory<byte> record, long age, long hard, long sliding, long time)
    {
        var began = time - age;
        var hardUntil = began + hard;
        var until = sliding > 0 ? Math.Min(time + sliding, hardUntil) : hardUntil;
        _head = _head with { LoadBegan = began, HardUntil = hardUntil, Sliding = sliding, ValueUntil = until, InvalidatedAt = 0 };
        _flags = (RecordFlags)record.Span[1];
        (_stored, HasValue, _isChanged) = (record[RecordFormat.StampOffset..], until > time, true);
    }

    /// <summary>What brings the engine's record to this one.</summary>
    public IEnumerable<RespCommand> Commands(long time)
    {
        if (!_isChanged)
        {
            return _isAwaitedNow ? [new RespCommand("SETRANGE", _key, 1, "1")] : [];
        }

        if (!IsLeased && !HasValue)
        {
            return _isStored ? [new RespCommand("DEL", _key)] : [];
        }

        var until = Math.Max(IsLeased ? _head.LeaseUntil : 0, HasValue ? _head.ValueUntil : 0);
        var left = Math.Max(1, until - time);

        // A value that stays is not sent again.
        return HasValue && _stored is null
            ? [new RespCommand("SETRANGE", _key, 0, Bytes(default)), new RespCommand("PEXPIRE", _key, left)]
            : [new RespCommand("SET", _key, Bytes(HasValue ? _stored!.Value : default), "PX", left)];
    }

    private byte[] Bytes(ReadOnlyMemory<byte> body)
    {
        var bytes = new byte[HeadLength + body.Length];
        var head = IsLeased ? _head : _head with { LeasedAt = 0, LeaseUntil = 0 };
        head = HasValue ? head : head with { LoadBegan = 0, HardUntil = 0, ValueUntil = 0, Sliding = 0, InvalidatedAt = 0 };
        head.Write(bytes);
        var flags = HasValue ? _flags & ~RecordFlags.WriteLease : 0;
        bytes[RecordHead.Length] = RecordFormat.Version;
        bytes[FlagsAt] = (byte)(IsLeased ? flags | (_flags & RecordFlags.WriteLease) : flags);
        if (IsLeased)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(LeasedInAt), _leasedIn.High);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(LeasedInAt + 8), _leasedIn.Low);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(LeaseAt), Nonce.High);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(LeaseAt + 8), Nonce.Low);
        }

        body.Span.CopyTo(bytes.AsSpan(HeadLength));
        return bytes;
    }
}
