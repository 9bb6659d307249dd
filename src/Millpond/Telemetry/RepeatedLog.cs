using Millpond.Runtime;

namespace Millpond.Telemetry;

/// <summary>
/// Keeps a trouble that goes on from filling the log: the first of a kind is written at once, those that follow within a window are counted, and the
/// window ends with their number. A window in which nothing more came is the last.
/// </summary>
internal sealed class RepeatedLog<TKind>(Surroundings surroundings, Action<TKind, int, TimeSpan> summarize) : IDisposable
    where TKind : notnull
{
    /// <summary>Long enough that a lasting outage is a few lines a minute, short enough that its end is seen soon.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<TKind, Open> _open = [];
    private bool _disposed;

    /// <summary>True if this one is to be written; if not, it has been counted.</summary>
    public bool IsFirst(TKind kind)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(kind, out var open))
            {
                open.More++;
                return false;
            }

            if (!_disposed)
            {
                _open[kind] = open = new Open();
                open.Timer = NewTimer(kind);
            }

            return true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            foreach (var open in _open.Values)
            {
                open.Timer?.Dispose();
            }

            _open.Clear();
        }
    }

    private ITimer NewTimer(TKind kind)
    {
        // Whoever met the trouble must not have its context kept alive by the window.
        using var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        return surroundings.Time.CreateTimer(_ => EndWindow(kind), null, Window, Timeout.InfiniteTimeSpan);
    }

    private void EndWindow(TKind kind)
    {
        int more;
        lock (_gate)
        {
            if (!_open.TryGetValue(kind, out var open))
            {
                return;
            }

            (more, open.More) = (open.More, 0);
            if (more > 0)
            {
                open.Timer?.Change(Window, Timeout.InfiniteTimeSpan);
            }
            else
            {
                open.Timer?.Dispose();
                _open.Remove(kind);
            }
        }

        if (more > 0)
        {
            summarize(kind, more, Window);
        }
    }

    private sealed class Open
    {
        public int More { get; set; }

        public ITimer? Timer { get; set; }
    }
}
