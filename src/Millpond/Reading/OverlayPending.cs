using Millpond.Keyspaces;
using Millpond.Writing.Behind;

namespace Millpond.Reading;

/// <summary>
/// In the chain only where writes are journaled: what is acknowledged and may not be in the source yet is the value, and the source is not asked. The journal is asked first and the source second; the other way round a flush between the
/// two would hide a write from both (A54).
/// </summary>
internal sealed class OverlayPending<TKey, TValue>(KeyspaceCore<TKey, TValue> core, BehindRoad<TKey, TValue> behind) : MissStage<TKey, TValue>
    where TKey : notnull
{
    public override async ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        if (!core.Rules.AsksPendingFirst)
        {
            await Next.RunAsync(miss, cancellationToken).ConfigureAwait(false);
            return;
        }

        var open = new List<Flight<TKey, TValue>>(miss.Flights.Count);
        foreach (var flight in miss.Flights)
        {
            if (!await IsPendingAsync(flight, cancellationToken).ConfigureAwait(false))
            {
                open.Add(flight);
            }
        }

        if (open.Count == miss.Flights.Count)
        {
            await Next.RunAsync(miss, cancellationToken).ConfigureAwait(false);
        }
        else if (open.Count > 0)
        {
            // Were the load of these late, the source's guard would not hear of it from here; it hears of the next one.
            await Next.RunAsync(new Miss<TKey, TValue>(open), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the flight's load if its key is pending. A journal that cannot be asked fails it: the source alone may be older than what was acknowledged.</summary>
    private async ValueTask<bool> IsPendingAsync(Flight<TKey, TValue> flight, CancellationToken cancellationToken)
    {
        var beganAt = core.Surroundings.Now;
        try
        {
            if (await behind.FindAsync(flight.SharedKey.Text, cancellationToken).ConfigureAwait(false) is not { } pending)
            {
                // Whoever asks for nothing older than now must not be given what a write acknowledged since then has made old.
                flight.IsAsOf(beganAt);
                return false;
            }

            flight.EndLoad(new(pending, null, beganAt, core.Surroundings.Now - beganAt));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure)
        {
            flight.EndLoad(new(default, failure is MillpondException ? failure : LoadFailures.Threw(core.Name, failure), beganAt, core.Surroundings.Now - beganAt));
        }

        return true;
    }
}
