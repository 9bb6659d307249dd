using Millpond.Invalidation;
using Millpond.Keyspaces;

namespace Millpond.Writing;

/// <summary>
/// Writes of which nobody knows whether they reached the source, or still will. A commit that arrives after its key was changed would leave what was loaded in between stale until its time
/// is over; so each key is changed again when its writer has really ended, and a last time when the source must have settled.
/// </summary>
internal sealed class UnknownWrites<TKey, TValue>(KeyspaceCore<TKey, TValue> core, InvalidateRoad<TKey, TValue> invalidate)
    where TKey : notnull
{
    // A source that leaves more than this open has worse trouble; changing the whole keyspace once it has settled costs less than remembering what.
    public const int WritesMax = 10_000;

    private readonly Lock _gate = new();
    private int _open;
    private long _widenAt;
    private bool _isWidening;

    /// <summary>How many are open.</summary>
    public int Count => Volatile.Read(ref _open);

    private TimeSpan SettleTime => core.Policy.Options.WriteSettleTime;

    public void Add(TKey key, Task<WriteResult<TValue>> write)
    {
        lock (_gate)
        {
            if (_open >= WritesMax)
            {
                _widenAt = core.Surroundings.Now + SettleTime.Ticks;
                _ = EndAsync(write);
                if (!_isWidening)
                {
                    _isWidening = true;
                    core.Surroundings.RunAside(WidenAsync);
                }

                return;
            }

            _open++;
        }

        // Asked now: if it ends before the work aside begins, its commit came after the change that its caller made.
        var hadEnded = write.IsCompleted;
        core.Surroundings.RunAside(() => SettleAsync(key, write, hadEnded));
    }

    private async Task SettleAsync(TKey key, Task<WriteResult<TValue>> write, bool hadEnded)
    {
        try
        {
            if (!hadEnded)
            {
                await EndAsync(write).ConfigureAwait(false);
                await invalidate.KeysAsync([key], CancellationToken.None).ConfigureAwait(false);
            }

            await core.Surroundings.Delay(SettleTime, core.Lifetime).ConfigureAwait(false);
            await invalidate.KeysAsync([key], CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception) when (core.IsDisposed)
        {
            // Nothing is served here any more. Other processes keep what they loaded for as long as their policy says.
        }

        Interlocked.Decrement(ref _open);
    }

    private async Task WidenAsync()
    {
        try
        {
            while (LeftToWiden() is { Ticks: > 0 } left)
            {
                await core.Surroundings.Delay(left, core.Lifetime).ConfigureAwait(false);
            }

            await invalidate.KeyspaceAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception) when (core.IsDisposed)
        {
            // As above.
        }
    }

    private TimeSpan LeftToWiden()
    {
        lock (_gate)
        {
            var left = TimeSpan.FromTicks(_widenAt - core.Surroundings.Now);

            // Whatever is added from here on begins another round.
            _isWidening = left > TimeSpan.Zero;
            return left;
        }
    }

    /// <summary>The end of a task, whatever became of it.</summary>
    private async Task EndAsync(Task<WriteResult<TValue>> write)
    {
        try
        {
            await core.Surroundings.Fork(write).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Its caller was told already.
        }
    }
}
