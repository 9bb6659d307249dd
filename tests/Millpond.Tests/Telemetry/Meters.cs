using System.Diagnostics.Metrics;

namespace Millpond.Tests.Telemetry;

/// <summary>A meter factory and a collector in one: what a process measures, and nothing of what other tests measure meanwhile.</summary>
internal sealed class Meters : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly List<Meter> _meters = [];
    private readonly List<Measured> _recorded = [];
    private readonly List<Measured> _observed = [];

    /// <summary>Listens to every instrument that <paramref name="only"/> names, or to all.</summary>
    public Meters(Func<string, bool>? only = null)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this) && (only?.Invoke(instrument.Name) ?? true))
            {
                Published.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public List<Instrument> Published { get; } = [];

    /// <summary>Everything measured so far, and how everything observed stands now.</summary>
    public IReadOnlyList<Measured> All
    {
        get
        {
            _observed.Clear();
            _listener.RecordObservableInstruments();
            return [.. _recorded, .. _observed];
        }
    }

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    /// <summary>What an instrument measured of the keyspace <c>thing</c>, with these tags among others (<c>tier=local</c>).</summary>
    public double[] Of(string instrument, params string[] tags) =>
        [.. All.Where(one => one.Instrument == instrument && one.Tags.Contains("keyspace=thing") && tags.All(one.Tags.Contains)).Select(one => one.Value)];

    public double Sum(string instrument, params string[] tags) => Of(instrument, tags).Sum();

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var texts = new HashSet<string>();
        foreach (var (name, text) in tags)
        {
            texts.Add($"{name.Replace("millpond.", "", StringComparison.Ordinal)}={text}");
        }

        (instrument.IsObservable ? _observed : _recorded).Add(new(instrument.Name, value, texts));
    }
}

/// <summary>One measurement; tags as <c>name=value</c>, without the prefix.</summary>
internal sealed record Measured(string Instrument, double Value, IReadOnlySet<string> Tags);
