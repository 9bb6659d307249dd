using Millpond.Keyspaces;
using Millpond.Local;
using Millpond.Writing.Behind;

namespace Millpond.Reading;

/// <summary>
/// In the chain where this process alone knows what is pending, and shares a tier that holds values with others: it asks its journal before that tier. Others load what the source has, rightly, and fill the tier with it; to this process, which has
/// acknowledged a newer value, that would be its own write undone.
/// </summary>
/// <remarks>Where all processes open the journal nobody fills the tier with what is older than it, and asking it before the source (<see cref="OverlayPending{TKey, TValue}"/>) is enough.</remarks>
internal sealed class AnswerPending<TKey, TValue>(KeyspaceCore<TKey, TValue> core, BehindRoad<TKey, TValue> behind, EntryMaker<TKey, TValue> maker) : MissStage<TKey, TValue>
    where TKey : notnull
{
    public override async ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        var open = miss.Flights;
        if (core.Rules.AsksPendingFirst)
        {
            var left = new List<Flight<TKey, TValue>>(miss.Flights.Count);
            foreach (var flight in miss.Flights)
            {
                if (!await IsAnsweredAsync(flight, cancellationToken).ConfigureAwait(false))
                {
                    left.Add(flight);
                }
            }

            open = left;
        }

        if (open.Count > 0)
        {
            await Next.RunAsync(open.Count == miss.Flights.Count ? miss : new Miss<TKey, TValue>(open), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> IsAnsweredAsync(Flight<TKey, TValue> flight, CancellationToken cancellationToken)
    {
        var beganAt = core.Surroundings.Now;
        try
        {
            if (await behind.FindAsync(flight.SharedKey.Text, cancellationToken).ConfigureAwait(false) is not { } pending)
            {
                return false;
            }

            var entry = Make(flight, pending, beganAt);
            core.Flights.Land(flight, entry);
            flight.Answer(new(entry, ReadOrigin.Source, StaleReason.None));
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // The tier and the source may both be older than what was acknowledged.
            core.Flights.Land(flight, null);
            flight.Fail(failure is MillpondException ? failure : LoadFailures.Threw(core.Name, failure));
        }

        return true;
    }

    /// <summary>As what an unleased load brings: valid as of what was known when the flight began, so any change heard since then speaks against it.</summary>
    private Entry<TValue> Make(Flight<TKey, TValue> flight, LoadResult<TValue> pending, long beganAt) =>
        maker.FromSource(flight.Key, LoadFailures.Resolve(core.Name, pending, flight.Fallback, flight.Options), flight.Options, new Provenance
        {
            View = flight.View,
            LoadedAt = beganAt,
            FetchedAt = beganAt,
            Stamp = flight.SequenceAtStart,
            ValidAsOf = flight.SequenceAtStart,
            Incarnation = flight.View.Incarnation,
            Epoch = flight.Epoch,
            FilledUnder = core.Surroundings.NextNonce(),
            Origin = ReadOrigin.Source,
        });
}
