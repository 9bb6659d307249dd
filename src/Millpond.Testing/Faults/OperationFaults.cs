using Millpond.Runtime;

namespace Millpond.Testing.Faults;

/// <summary>What happens to the operations of a <see cref="FaultySharedTier"/>. Nothing, until a test says otherwise.</summary>
public sealed class OperationFaults
{
    private readonly Surroundings _surroundings;
    private readonly Random _chance;
    private readonly Lock _gate = new();
    private readonly List<FaultGate> _gates = [];
    private readonly Dictionary<(SharedOperation, FaultPoint), int> _failures = [];
    private readonly Dictionary<SharedOperation, int> _counts = [];

    internal OperationFaults(Surroundings surroundings, Random chance) => (_surroundings, _chance) = (surroundings, chance);

    /// <summary>Whether every operation fails before its effect, as when nothing answers.</summary>
    public bool IsDown { get; set; }

    /// <summary>How likely an operation fails before its effect, from 0 (the default) to 1.</summary>
    public double LossOfRequests { get; set; }

    /// <summary>How likely an operation fails after its effect, from 0 (the default) to 1.</summary>
    public double LossOfReplies { get; set; }

    /// <summary>How long a request is under way. Default zero.</summary>
    public TimeSpan RequestDelay { get; set; }

    /// <summary>How long a reply is under way. Default zero.</summary>
    public TimeSpan ReplyDelay { get; set; }

    /// <summary>Makes the next operations of a kind fail.</summary>
    /// <param name="operation">Which.</param>
    /// <param name="point">Where.</param>
    /// <param name="times">How many of them.</param>
    public void FailNext(SharedOperation operation, FaultPoint point, int times = 1)
    {
        lock (_gate)
            _failures[(operation, point)] = times;
    }

    /// <summary>Holds operations of a kind from now on, until the gate is released.</summary>
    /// <param name="operation">Which.</param>
    /// <param name="point">Where.</param>
    /// <param name="key">Only those of the key with this text; null for all. Operations on many keys are held if one of them is it.</param>
    public FaultGate Gate(SharedOperation operation, FaultPoint point, string? key = null)
    {
        var gate = new FaultGate(_surroundings, operation, point, key);
        lock (_gate)
            _gates.Add(gate);
        return gate;
    }

    /// <summary>How many operations of a kind were begun.</summary>
    /// <param name="operation">Which.</param>
    public int Count(SharedOperation operation)
    {
        lock (_gate)
            return _counts.GetValueOrDefault(operation);
    }

    internal void CountOne(SharedOperation operation)
    {
        lock (_gate)
            _counts[operation] = _counts.GetValueOrDefault(operation) + 1;
    }

    internal async ValueTask PassAsync(
        SharedOperation operation, FaultPoint point, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        FaultGate[] gates;
        lock (_gate)
            gates = [.. _gates.Where(g => keys.Count == 0 ? g.Holds(operation, point, null) : keys.Any(k => g.Holds(operation, point, k)))];
        foreach (FaultGate gate in gates)
            await gate.PassAsync(cancellationToken).ConfigureAwait(false);

        TimeSpan delay = point == FaultPoint.BeforeEffect ? RequestDelay : ReplyDelay;
        if (delay > TimeSpan.Zero)
            await _surroundings.Delay(delay, cancellationToken).ConfigureAwait(false);
        if (Fails(operation, point))
            throw InjectedFault.At(operation, point);
    }

    private bool Fails(SharedOperation operation, FaultPoint point)
    {
        lock (_gate)
        {
            if (_failures.TryGetValue((operation, point), out int left) && left > 0)
            {
                _failures[(operation, point)] = left - 1;
                return true;
            }

            double rate = point == FaultPoint.BeforeEffect ? LossOfRequests : LossOfReplies;
            return (IsDown && point == FaultPoint.BeforeEffect) || (rate > 0 && _chance.NextDouble() < rate);
        }
    }
}
