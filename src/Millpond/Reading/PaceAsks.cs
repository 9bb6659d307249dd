using Millpond.Keyspaces;

namespace Millpond.Reading;

/// <summary>
/// Ahead of the first stage, where hot keys are sought: a flight of a hot key waits for its turn, so that this process asks for one key only so often. Meanwhile it is on the table, so
/// everybody who wants the key joins it; and changes leave it there, as it has asked nobody yet.
/// </summary>
internal sealed class PaceAsks<TKey, TValue>(KeyspaceCore<TKey, TValue> core) : MissStage<TKey, TValue>
    where TKey : notnull
{
    public override ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        if (!HasPaused(miss))
        {
            return Next.RunAsync(miss, cancellationToken);
        }

        // So that nobody waits who need not; and before any of them goes on, because a turn that comes at once makes its flight one of the others.
        Flight<TKey, TValue>[] paused = [.. miss.Flights.Where(flight => flight.IsPaused)];
        Flight<TKey, TValue>[] others = [.. miss.Flights.Except(paused)];
        var trips = paused.Select(flight => PauseAsync(flight, cancellationToken)).ToList();
        if (others.Length > 0)
        {
            trips.Add(Next.RunAsync(new Miss<TKey, TValue>(others), cancellationToken).AsTask());
        }

        return new ValueTask(Task.WhenAll(trips));
    }

    private static bool HasPaused(Miss<TKey, TValue> miss)
    {
        for (var i = 0; i < miss.Flights.Count; i++)
        {
            if (miss.Flights[i].IsPaused)
            {
                return true;
            }
        }

        return false;
    }

    private async Task PauseAsync(Flight<TKey, TValue> flight, CancellationToken cancellationToken)
    {
        core.Counters.Paced.Add();
        while (core.Hot!.TakeTurn(flight.Key) is var early && early > TimeSpan.Zero)
        {
            // Timers know no part of a millisecond, and would end at once.
            await core.Surroundings.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(early.TotalMilliseconds)), cancellationToken).ConfigureAwait(false);
        }

        // From here on a change takes it off the table: what it brings may be older than the change.
        flight.Resume();
        await Next.RunAsync(new Miss<TKey, TValue>([flight]), cancellationToken).ConfigureAwait(false);
    }
}
