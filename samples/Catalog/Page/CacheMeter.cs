using System.Diagnostics.Metrics;

namespace Catalog.Page;

/// <summary>
/// Listens to Millpond's own meter, as any exporter would: every figure that the page shows of the cache comes from here, none from
/// counters of the sample. Measurements arrive on the threads that make them.
/// </summary>
internal sealed class CacheMeter : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<Measurement, double> _totals = [];

    public CacheMeter(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Another cache in the same process, as in tests, has another factory.
            if (instrument.Meter.Name == "Millpond" && (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, meters)))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Hits in this process; Millpond times one in 1,024.</summary>
    public DurationHistogram Hits { get; } = new(DurationHistogram.SampledSeconds);

    public DurationHistogram Misses { get; } = new(DurationHistogram.UsualSeconds);

    /// <summary>Of hits in this process, from the same samples. What was just loaded has no age worth showing.</summary>
    public AgeBuckets Ages { get; } = new();

    /// <summary>Every counter and gauge as it stands now.</summary>
    public IReadOnlyDictionary<Measurement, double> Collect()
    {
        _listener.RecordObservableInstruments();
        lock (_lock)
        {
            return new Dictionary<Measurement, double>(_totals);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        switch (instrument.Name)
        {
            case "millpond.hit.duration":
                Hits.Record(value);
                return;
            case "millpond.miss.duration":
                Misses.Record(value);
                return;
        }

        var measurement = Measurement.Of(instrument.Name, tags);
        if (instrument.Name == "millpond.serve.age")
        {
            if (measurement.Tier == "local")
            {
                Ages.Record(value);
            }

            return;
        }

        lock (_lock)
        {
            // An observable counter or gauge tells where it stands; every other counter tells what came on top.
            _totals[measurement] = instrument.IsObservable ? value : _totals.GetValueOrDefault(measurement) + value;
        }
    }
}
