using Millpond.Resp.Runtime;

namespace Millpond.Resp.Nodes;

/// <summary>
/// How long to wait before the next attempt to connect: not at all after a connection that was in use, then twice as long each time, up to a bound, and less by chance, so
/// that many clients of one server do not come back together.
/// </summary>
internal sealed class Backoff(RespSurroundings surroundings)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    private int _failures;
    private bool _isFresh;

    public void Restart() => (_failures, _isFresh) = (0, true);

    public async ValueTask PauseAsync(CancellationToken disposing)
    {
        if (Next() is { Ticks: > 0 } pause && !disposing.IsCancellationRequested)
        {
            try
            {
                await surroundings.Delay(pause, disposing).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Disposed: the attempts end.
            }
        }
    }

    private TimeSpan Next()
    {
        if (_isFresh)
        {
            _isFresh = false;
            return TimeSpan.Zero;
        }

        var whole = Math.Min(First.Ticks << Math.Min(_failures++, 10), Longest.Ticks);
        return TimeSpan.FromTicks((long)(whole * (0.5 + (surroundings.NextDouble() / 2))));
    }
}
