namespace Millpond.Reading;

/// <summary>
/// The callers who wait for a flight's value and for nothing else, ten thousand of them if need be: those who cannot be cancelled and may share a result
/// share one task and cost eight bytes each; the others have one small object each.
/// </summary>
internal sealed class FlightWaits<TValue>(WaitParts<TValue> parts)
{
    /// <summary>Those of every flight that has ended: nobody may join.</summary>
    public static readonly FlightWaits<TValue> Over = new(null!) { _over = true };

    private readonly Lock _gate = new();
    private object? _flight;
    private SharedWait<TValue>? _shared;
    private JoinTimes _onShared;
    private OwnWait<TValue>? _first;
    private OwnWait<TValue>? _last;
    private bool _over;

    /// <summary>The answer, once there is one.</summary>
    public TValue? Value { get; private set; }

    public bool ResumesAside => parts.Surroundings.ResumesAside;

    /// <summary>Waits for the value; false if the flight has ended, and then its completion has the answer.</summary>
    public bool TryWait<TResult, TShape>(object flight, JoinTime joined, CancellationToken cancellationToken, out ValueTask<TResult?> wait)
        where TShape : struct, IAnswerShape<TValue, TResult>
    {
        if (ReferenceEquals(this, Over))
        {
            wait = default;
            return false;
        }

        var own = cancellationToken.CanBeCanceled || !TShape.IsForAll ? new OwnWait<TValue, TResult, TShape>(this, joined) : null;
        lock (_gate)
        {
            if (_over)
            {
                wait = default;
                return false;
            }

            _flight = flight;
            if (own is null)
            {
                _onShared.Add(joined);
                wait = SharedNeedsGate<TResult, TShape>().Wait;
                return true;
            }

            _first ??= own;
            _last?.Next = own;
            _last = own;
        }

        own.CancelWith(cancellationToken);
        wait = own.Wait;
        return true;
    }

    /// <summary>A caller's token has ended its wait.</summary>
    public void Left() => parts.Leave(_flight!);

    public void Answer(in Answer<TValue> answer)
    {
        Value = answer.Entry is { } entry ? entry.Value : default;
        End(parts.Reports.Answered(answer));
        for (var own = _first; own is not null; own = own.Next)
        {
            own.Answer();
        }

        for (var shared = _shared; shared is not null; shared = shared.Next)
        {
            shared.Answer(Value);
        }
    }

    public void Fail(Exception failure)
    {
        End(parts.Reports.Failed(failure));
        for (var own = _first; own is not null; own = own.Next)
        {
            own.Fail(failure);
        }

        for (var shared = _shared; shared is not null; shared = shared.Next)
        {
            shared.Fail(failure);
        }
    }

    private SharedWait<TValue, TResult, TShape> SharedNeedsGate<TResult, TShape>()
        where TShape : struct, IAnswerShape<TValue, TResult>
    {
        for (var shared = _shared; shared is not null; shared = shared.Next)
        {
            if (shared is SharedWait<TValue, TResult, TShape> same)
            {
                return same;
            }
        }

        var made = new SharedWait<TValue, TResult, TShape>(parts.Surroundings) { Next = _shared };
        _shared = made;
        return made;
    }

    /// <summary>Ends every wait that its token has not ended, and reports them.</summary>
    private void End(WaitReport report)
    {
        lock (_gate)
        {
            // After this nobody joins, so everything is the ender's alone.
            _over = true;
        }

        _onShared.ReportTo(ref report);
        for (var own = _first; own is not null; own = own.Next)
        {
            if (own.TryEnd())
            {
                report.Add(own.Joined);
            }
        }

        report.End();
    }
}
