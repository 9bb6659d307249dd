namespace Millpond.Shared.InProcess;

/// <summary>The counters of a partition. Each addition looks at two old ones in turn, so that those whose time is over go.</summary>
internal sealed class Counters
{
    private const int SweepStep = 2;

    private readonly Dictionary<string, Counter> _byKey = new(StringComparer.Ordinal);
    private readonly Queue<(string Key, Counter Counter)> _mortal = new();

    public int Count => _byKey.Count;

    /// <summary>Null if the sum is beyond 64 bits; the counter then keeps what it had.</summary>
    public CounterReply? Add(string key, in CounterAsk ask, long now)
    {
        Sweep(now);
        (long delta, TimeSpan? timeToLive, long max) = ask;
        if (!_byKey.TryGetValue(key, out Counter? counter) || counter.Until <= now)
        {
            if (delta > max)
                return new CounterReply { Sum = 0, IsCounted = false };
            counter = new Counter { Until = timeToLive is { } time ? now + time.Ticks : long.MaxValue };
            _byKey[key] = counter;
            if (timeToLive is not null)
                _mortal.Enqueue((key, counter));
        }

        long sum = unchecked(counter.Value + delta);
        if ((delta > 0) != (sum > counter.Value) && delta != 0)
            return null;
        bool isCounted = sum <= max || delta <= 0;
        if (isCounted)
            counter.Value = sum;
        return new CounterReply { Sum = counter.Value, IsCounted = isCounted, TimeLeft = counter.Until == long.MaxValue ? null : new TimeSpan(counter.Until - now) };
    }

    public Counters Clone()
    {
        var clone = new Counters();
        foreach ((string key, Counter counter) in _byKey)
            clone._byKey[key] = new Counter { Value = counter.Value, Until = counter.Until };
        foreach ((string key, Counter counter) in _mortal)
        {
            if (_byKey.GetValueOrDefault(key) == counter)
                clone._mortal.Enqueue((key, clone._byKey[key]));
        }

        return clone;
    }

    private void Sweep(long now)
    {
        for (int step = 0; step < SweepStep && _mortal.TryDequeue(out (string Key, Counter Counter) oldest); step++)
        {
            if (oldest.Counter.Until > now)
                _mortal.Enqueue(oldest);
            else if (_byKey.GetValueOrDefault(oldest.Key) == oldest.Counter)
                _byKey.Remove(oldest.Key);
        }
    }

    private sealed class Counter
    {
        public long Value { get; set; }

        public long Until { get; init; }
    }
}
