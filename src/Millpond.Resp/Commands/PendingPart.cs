using Millpond.Resp.Telemetry;

namespace Millpond.Resp.Commands;

/// <summary>The requests of a batch that go to one node together, with nothing of anybody else's between them.</summary>
/// <remarks>
/// Its own outcome is decided when its last request's is. A request that must go elsewhere leaves as a part of its own; if the connection is lost, what has no reply yet is sent again or
/// failed as one.
/// </remarks>
internal sealed class PendingPart<TRequest, TResult> : Pending
    where TRequest : struct, IRespRequest<TResult>
{
    private readonly Lock _gate = new();
    private readonly BatchCall<TRequest, TResult> _call;

    // Which requests; null: the first and all behind it.
    private readonly int[]? _indexes;
    private readonly int _count;
    private int _answered;

    public PendingPart(BatchCall<TRequest, TResult> call, int[]? indexes, int count, IDispatcher dispatcher, long issuedAt, long deadline)
    {
        (_call, _indexes, _count) = (call, indexes, count);
        (Dispatcher, IssuedAt, Deadline) = (dispatcher, issuedAt, deadline);
        (Name, Slot, Traits) = Describe();
        BeginLife();
        call.Add(this);
    }

    public override string Name { get; }

    /// <summary>Only what may be done with all of them may be done with the part; one that is large makes it large.</summary>
    public override RespTraits Traits { get; }

    public override int Slot { get; }

    public override int RepliesExpected => _count - _answered;

    public override void Write(ref RespWriter writer)
    {
        // The requests are the caller's memory again once the call has ended.
        if (!_call.TryBeginWrite())
        {
            throw new OperationCanceledException("The batch has ended.");
        }

        try
        {
            var requests = _call.Requests;
            for (var i = _answered; i < _count; i++)
            {
                requests[IndexOf(i)].Write(ref writer);
            }
        }
        finally
        {
            _call.EndWrite();
        }
    }

    /// <summary>Nobody waits any more: what was not sent need not be.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            TryDecide(Life);
        }
    }

    public override Taken Accept(ref RespReader reader, Completions completions, string node)
    {
        int index;
        bool isMine, isLast;
        lock (_gate)
        {
            // From here on a failure of the part leaves this one out.
            isMine = !IsDecided;
            index = IndexOf(_answered++);
            isLast = _answered == _count;
            if (isLast)
            {
                TryDecide(Life);
            }
        }

        if (isMine && !(reader.IsError && !_call.IsEnded && TrySendElsewhere(index, reader.Bytes, node)))
        {
            Settle(index, Read(ref reader, index, node));
        }

        if (isLast && isMine && RespMetrics.IsTimed)
        {
            RespMetrics.Ended(Name, node, completions.Now - IssuedAt, null, _count);
        }

        return isLast ? Taken.Whole : Taken.More;
    }

    public override void Fail(Func<Pending, RespException> error, int life, Completions completions)
    {
        int from;
        lock (_gate)
        {
            if (!TryDecide(life))
            {
                return;
            }

            from = _answered;
        }

        var failure = error(this);
        if (RespMetrics.IsTimed)
        {
            RespMetrics.Ended(Name, failure.Node, completions.Now - IssuedAt, failure, _count);
        }

        for (var i = from; i < _count; i++)
        {
            Settle(IndexOf(i), new RespOutcome<TResult>(failure));
        }
    }

    // Nothing to recycle: a batch is rare and large enough to pay for its own objects.
    public override void Release()
    {
    }

    public override void Finish() => _call.Finish();

    private (string Name, int Slot, RespTraits Traits) Describe()
    {
        var requests = _call.Requests;
        ref readonly var first = ref requests[IndexOf(0)];
        var (all, any) = (first.Traits, first.Traits);
        for (var i = 1; i < _count; i++)
        {
            var traits = requests[IndexOf(i)].Traits;
            (all, any) = (all & traits, any | traits);
        }

        return (first.Name, first.Slot, all | (any & RespTraits.Large));
    }

    private int IndexOf(int i) => _indexes is null ? i : _indexes[i];

    private bool TrySendElsewhere(int index, ReadOnlySpan<byte> error, string node)
    {
        var alone = new PendingPart<TRequest, TResult>(_call, [index], 1, Dispatcher, IssuedAt, Deadline) { Attempts = Attempts };
        return Dispatcher.TryRedirect(alone, error, node);
    }

    private RespOutcome<TResult> Read(ref RespReader reader, int index, string node)
    {
        try
        {
            ref readonly var request = ref _call.Requests[index];
            return reader.IsError
                ? new RespOutcome<TResult>(RespServerException.From(reader.Bytes, request.Name, node))
                : new RespOutcome<TResult>(request.Read(ref reader));
        }
        catch (Exception thrown)
        {
            return new RespOutcome<TResult>(thrown);
        }
    }

    private void Settle(int index, RespOutcome<TResult> outcome) => _call.Set(index, outcome);
}
