using Millpond.Keyspaces;

namespace Millpond.Reading;

/// <summary>Fourth stage: says to the shared tier, while the stages below load, that their leases' holder is alive.</summary>
internal sealed class KeepLeases<TKey, TValue>(KeyspaceCore<TKey, TValue> core) : MissStage<TKey, TValue>
    where TKey : notnull
{
    public override async ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken)
    {
        var first = core.Leases.Keep(miss.Flights[0].SharedKey, miss.Flights[0].Lease);
        var others = miss.Flights.Count == 1 ? [] : miss.Flights.Skip(1).Select(flight => core.Leases.Keep(flight.SharedKey, flight.Lease)).ToArray();
        try
        {
            await Next.RunAsync(miss, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            core.Leases.LetGo(first);
            foreach (var other in others)
            {
                core.Leases.LetGo(other);
            }
        }
    }
}
