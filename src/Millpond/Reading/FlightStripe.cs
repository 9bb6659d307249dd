namespace Millpond.Reading;

/// <summary>
/// The flights and writes of a part of a keyspace's keys. It is its own lock, which <see cref="FlightTable{TKey, TValue}"/> takes; nothing else can reach it.
/// </summary>
internal sealed class FlightStripe<TKey, TValue>
    where TKey : notnull
{
    // Made by the first who comes: a keyspace has 64 stripes, whether or not anybody uses it.
    private Dictionary<TKey, Flight<TKey, TValue>>? _flights;
    private List<WriteMark<TKey>>? _writes;

    /// <summary>By key the newest of its flights, from which the others hang.</summary>
    public Dictionary<TKey, Flight<TKey, TValue>> Flights => _flights ??= [];

    // Few at a time: the writes under way on a sixty-fourth of the keys.
    public List<WriteMark<TKey>> Writes => _writes ??= [];

    public IEnumerable<Flight<TKey, TValue>> AllNeedsStripe()
    {
        if (_flights is null)
        {
            yield break;
        }

        foreach (var first in _flights.Values)
        {
            for (var flight = first; flight is not null; flight = flight.Beside)
            {
                yield return flight;
            }
        }
    }

    public void ClearNeedsStripe() => _flights?.Clear();

    public void AddNeedsStripe(Flight<TKey, TValue> flight)
    {
        flight.Beside = Flights.GetValueOrDefault(flight.Key);
        Flights[flight.Key] = flight;
    }

    /// <summary>Takes a flight out of its key's chain. Its own link stays, so that whoever walks the chain under this stripe walks on.</summary>
    public void RemoveNeedsStripe(Flight<TKey, TValue> flight)
    {
        var first = Flights.GetValueOrDefault(flight.Key);
        if (ReferenceEquals(first, flight))
        {
            if (flight.Beside is { } next)
            {
                Flights[flight.Key] = next;
            }
            else
            {
                Flights.Remove(flight.Key);
            }

            return;
        }

        for (var before = first; before is not null; before = before.Beside)
        {
            if (ReferenceEquals(before.Beside, flight))
            {
                before.Beside = flight.Beside;
                return;
            }
        }
    }
}
