using Millpond.Resp.Runtime;

namespace Millpond.Resp.Topologies;

/// <summary>
/// Runs one refresh at a time, and no two closer together than a bound: a thousand callers that are all told MOVED ask once. What is requested while a refresh runs or rests is
/// one more refresh afterwards.
/// </summary>
internal sealed class Refresh(RespSurroundings surroundings, Func<Task> refresh)
{
    /// <summary>A failover takes a second or more; asking more often than this finds out nothing.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);

    private long _notBefore = long.MinValue;
    private int _isRequested;
    private int _isRunning;

    public void Request()
    {
        Volatile.Write(ref _isRequested, 1);
        Sweep(surroundings.Now);
    }

    public void Sweep(long now)
    {
        if (Volatile.Read(ref _isRequested) == 0 || now < Volatile.Read(ref _notBefore) || Interlocked.Exchange(ref _isRunning, 1) != 0)
        {
            return;
        }

        Volatile.Write(ref _isRequested, 0);
        Volatile.Write(ref _notBefore, now + Rest.Ticks);
        surroundings.RunAside(async () =>
        {
            try
            {
                await refresh().ConfigureAwait(false);
            }
            finally
            {
                Volatile.Write(ref _isRunning, 0);
            }
        });
    }
}
