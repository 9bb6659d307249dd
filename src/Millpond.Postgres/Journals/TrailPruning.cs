using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.Postgres.Journals;

/// <summary>Deletes what is too old or too much of a trail, in small steps beside the flush, for as long as this instance leads.</summary>
/// <param name="step">Makes one step; tells how many records it deleted.</param>
/// <param name="surroundings">Where pauses come from.</param>
internal sealed class TrailPruning(Func<int, CancellationToken, Task<long>> step, Surroundings surroundings) : IDisposable
{
    // One transaction of some milliseconds.
    private const int RecordsAtOnce = 500;

    // What was settled meanwhile is looked at together.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _ended = new();
    private int _isUnderWay;

    /// <summary>Something was settled, or time has passed.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _isUnderWay, 1) == 0)
        {
            surroundings.RunAside(PruneAsync);
        }
    }

    public void Dispose() => _ended.Cancel();

    private async Task PruneAsync()
    {
        try
        {
            await surroundings.Delay(Pause, _ended.Token).ConfigureAwait(false);
            while (await step(RecordsAtOnce, _ended.Token).ConfigureAwait(false) == RecordsAtOnce)
            {
                _ended.Token.ThrowIfCancellationRequested();
            }
        }
        catch (Exception over) when (over is JournalException or OperationCanceledException or ObjectDisposedException)
        {
            // The next sign of life begins again, whoever leads then.
        }
        finally
        {
            Volatile.Write(ref _isUnderWay, 0);
        }
    }
}
