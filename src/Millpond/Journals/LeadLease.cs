using Millpond.Runtime;

namespace Millpond.Journals;

/// <summary>
/// This process's side of a lead that is a lease on an engine: gives signs of life, notices that the time is over before the engine does, and is over once, however that comes about.
/// </summary>
internal sealed class LeadLease(TimeSpan leadTime, Surroundings surroundings) : IDisposable
{
    // How many signs of life a lease has time for.
    private const int SignsOfLife = 3;

    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private ITimer? _runsOut;
    private int _isOver;

    /// <summary>Cancelled when the lead was lost; not when it was given back.</summary>
    public CancellationToken Lost => _lost.Token;

    public bool IsOver => Volatile.Read(ref _isOver) != 0;

    /// <summary>It was given.</summary>
    /// <param name="asked">When it was asked for.</param>
    public void Begin(long asked) => _runsOut = surroundings.NewTimer(static lease => ((LeadLease)lease!).Lose(), this, Left(asked));

    /// <summary>Gives signs of life from here on.</summary>
    /// <param name="tell">Gives one; false if somebody else has the lead.</param>
    public void Keep(Func<CancellationToken, Task<bool>> tell) => surroundings.RunAside(() => KeepAsync(tell));

    public void Lose()
    {
        if (TryEnd())
        {
            _lost.Cancel();
        }
    }

    /// <summary>Ends the signs of life; false if it was over already.</summary>
    public bool TryEnd()
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0)
        {
            return false;
        }

        _ended.Cancel();
        _runsOut?.Dispose();
        return true;
    }

    public void Dispose() => TryEnd();

    /// <summary>What whoever acts under it is told when it is over.</summary>
    public static JournalException Over(long token) => new(JournalFailure.LeadLost, $"The lead with token {token} is lost, or was given back; it flushes nothing any more.");

    private async Task KeepAsync(Func<CancellationToken, Task<bool>> tell)
    {
        try
        {
            while (true)
            {
                await surroundings.Delay(leadTime / SignsOfLife, _ended.Token).ConfigureAwait(false);
                var asked = surroundings.Now;
                try
                {
                    if (!await tell(_ended.Token).ConfigureAwait(false))
                    {
                        Lose();
                        return;
                    }

                    _runsOut?.Change(Left(asked), Timeout.InfiniteTimeSpan);
                }
                catch (JournalException)
                {
                    // Another sign of life may be heard before the time is over.
                }
            }
        }
        catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
        {
            // It has ended, or the journal has.
        }
    }

    // Counted from when it was asked for, so it is over here before it is over there.
    private TimeSpan Left(long asked)
    {
        var left = leadTime - TimeSpan.FromTicks(surroundings.Now - asked);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
