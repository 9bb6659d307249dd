using System.Diagnostics;

namespace Millpond.Engines.Live;

/// <summary>Whether, and how late, bytes pass in one direction of a <see cref="Relay"/>.</summary>
internal sealed class RelayGate
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _open = Opened();

    /// <summary>How much later than they came bytes pass.</summary>
    public TimeSpan Delay { get; set; }

    public void Close()
    {
        lock (_gate)
        {
            if (_open.Task.IsCompleted)
            {
                _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public void Open()
    {
        lock (_gate)
        {
            _open.TrySetResult();
        }
    }

    /// <summary>Waits until what came then may pass.</summary>
    public async ValueTask PassAsync(long cameAt, CancellationToken ending)
    {
        var left = Delay - Stopwatch.GetElapsedTime(cameAt);
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, ending);
        }

        while (Current() is { IsCompleted: false } open)
        {
            await open.WaitAsync(ending);
        }
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private Task Current()
    {
        lock (_gate)
        {
            return _open.Task;
        }
    }
}
