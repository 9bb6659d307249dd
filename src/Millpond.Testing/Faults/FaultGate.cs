using Millpond.Runtime;

namespace Millpond.Testing.Faults;

/// <summary>Holds operations at one point until a test lets them go on. With it a race is written down as a sequence of steps.</summary>
public sealed class FaultGate
{
    private readonly Surroundings _surroundings;
    private readonly Lock _gate = new();
    private readonly List<TaskCompletionSource<bool>> _held = [];
    private readonly TaskCompletionSource<bool> _arrived;
    private bool _isOpen;

    internal FaultGate(Surroundings surroundings, SharedOperation operation, FaultPoint point, string? key)
    {
        (_surroundings, Operation, Point, Key) = (surroundings, operation, point, key);
        _arrived = surroundings.NewCompletion<bool>();
    }

    /// <summary>Which operation it holds.</summary>
    public SharedOperation Operation { get; }

    /// <summary>Where it holds them.</summary>
    public FaultPoint Point { get; }

    /// <summary>The text of the one key whose operations it holds; null for all.</summary>
    public string? Key { get; }

    /// <summary>Completes when the first operation stands at the gate.</summary>
    public Task Arrived => _arrived.Task;

    /// <summary>How many operations stand at the gate.</summary>
    public int HeldCount
    {
        get
        {
            lock (_gate)
                return _held.Count;
        }
    }

    /// <summary>Lets go on who stands there, in order of arrival, and holds nobody any more.</summary>
    public void Release() => Open(wait => wait.TrySetResult(true));

    /// <summary>Fails who stands there, and holds nobody any more. The outcome is unknown to the caller.</summary>
    public void Fail() => Open(wait => wait.TrySetException(InjectedFault.At(Operation, Point)));

    internal bool Holds(SharedOperation operation, FaultPoint point, string? key) =>
        operation == Operation && point == Point && (Key is null || Key == key);

    internal async ValueTask PassAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<bool> wait = _surroundings.NewCompletion<bool>();
        lock (_gate)
        {
            if (_isOpen)
                return;
            _held.Add(wait);
        }

        _arrived.TrySetResult(true);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(_ => Forget(wait, cancellationToken), null);
        await wait.Task.ConfigureAwait(false);
    }

    private void Forget(TaskCompletionSource<bool> wait, CancellationToken cancellationToken)
    {
        lock (_gate)
            _held.Remove(wait);
        wait.TrySetCanceled(cancellationToken);
    }

    private void Open(Action<TaskCompletionSource<bool>> end)
    {
        TaskCompletionSource<bool>[] held;
        lock (_gate)
        {
            _isOpen = true;
            held = [.. _held];
            _held.Clear();
        }

        foreach (TaskCompletionSource<bool> wait in held)
            end(wait);
    }
}
