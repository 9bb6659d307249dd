using Millpond.Loading;

namespace Millpond.Reading;

/// <summary>
/// One trip down the miss road: the flights that a call began. A single read is a trip of one; a batch read is a trip of many, with one round to the
/// shared tier and one batch load. Stages split a trip where flights part.
/// </summary>
internal sealed class Miss<TKey, TValue>(IReadOnlyList<Flight<TKey, TValue>> flights)
    where TKey : notnull
{
    private Place? _place;

    public IReadOnlyList<Flight<TKey, TValue>> Flights { get; } = flights;

    /// <summary>The place at the source that its load has or had; null before. Another thread asks when the load's time is over.</summary>
    public Place? Place
    {
        get => Volatile.Read(ref _place);
        set => Volatile.Write(ref _place, value);
    }

    /// <summary>A failure of its load that may be over in a moment; its flights have no outcome yet then.</summary>
    public Exception? Transient { get; set; }
}

/// <summary>
/// One concern of the miss road. The chain is linked once, when the keyspace is built; a stage whose feature is off is not in it.
/// </summary>
internal abstract class MissStage<TKey, TValue>
    where TKey : notnull
{
    /// <summary>The stage below; the last one has none.</summary>
    public MissStage<TKey, TValue> Next { get; set; } = null!;

    /// <summary>Brings every flight of the trip to its end, or to its outcome for the stage above. Does not throw for a flight's failure.</summary>
    public abstract ValueTask RunAsync(Miss<TKey, TValue> miss, CancellationToken cancellationToken);

    /// <summary>Links stages, the first being the outermost.</summary>
    public static MissStage<TKey, TValue> Link(params IReadOnlyList<MissStage<TKey, TValue>> stages)
    {
        for (var i = 0; i < stages.Count - 1; i++)
        {
            stages[i].Next = stages[i + 1];
        }

        return stages[0];
    }
}
