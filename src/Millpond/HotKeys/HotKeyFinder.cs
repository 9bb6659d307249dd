using System.Diagnostics.CodeAnalysis;
using Millpond.Events;
using Millpond.Runtime;

namespace Millpond.HotKeys;

/// <summary>
/// Finds the keys of one keyspace that are hot. Reads are noted as they pass: those that go further than this process each, hits here now and then, for many at once
/// (<see cref="HitCounter.ReadsPerNote"/>). Counts fade by half in each window, and when a window is over whoever notes next judges, so there is no timer.
/// </summary>
/// <remarks>
/// A note never waits: one that meets another is let go, whatever its key, so shares stay what they are. It allocates nothing unless it finds that something has changed.
/// </remarks>
internal sealed class HotKeyFinder<TKey>
    where TKey : notnull
{
    /// <summary>A key that becomes hot at once has at the end of its first full window half of what it will have, and at the end of the third seven eighths.</summary>
    public const int WindowMilliseconds = 250;

    // A share worked out from fewer samples than this is chance. Where each read is noted there is no chance in it, and two are more than one.
    private const double SamplesMin = 8;
    private const double NotesMin = 2;

    private readonly string _keyspace;
    private readonly Action<TKey> _protect;
    private readonly Surroundings _surroundings;
    private readonly CacheListener _listener;
    private readonly SpaceSaving<TKey> _sketch;
    private readonly HotFleet<TKey>? _fleet;
    private readonly Lock _gate = new();
    private HotKeyOptions _options;
    private HotSet<TKey> _hot = HotSet<TKey>.Empty;
    private long _judgedAt = long.MinValue;
    private double _seconds;

    /// <param name="keyspace">The keyspace's name.</param>
    /// <param name="options">What counts as hot.</param>
    /// <param name="surroundings">The time.</param>
    /// <param name="listener">Who is told of what is found.</param>
    /// <param name="protect">Keeps what is held of a key from eviction for a while. Called again and again while the key is hot; takes no lock.</param>
    /// <param name="fleet">What all processes read; null where this one shares nothing.</param>
    public HotKeyFinder(string keyspace, HotKeyOptions options, Surroundings surroundings, CacheListener listener, Action<TKey> protect, HotFleet<TKey>? fleet = null)
    {
        (_keyspace, _options, _surroundings, _listener, _protect, _fleet) = (keyspace, options, surroundings, listener, protect, fleet);
        _sketch = new(options.TrackedKeysMax);
    }

    public HotKeyOptions Options
    {
        get => Volatile.Read(ref _options);
        set => Volatile.Write(ref _options, value);
    }

    /// <summary>Whether no key is hot: then nobody need ask about one.</summary>
    public bool IsCalm => Volatile.Read(ref _hot).Count == 0;

    /// <summary>Notes that a key was read.</summary>
    /// <param name="key">The key.</param>
    /// <param name="reads">How many reads the note stands for.</param>
    public void Note(TKey key, int reads)
    {
        if (!_gate.TryEnter())
        {
            return;
        }

        Judged judged = default;
        try
        {
            var now = _surroundings.MillisecondsAtMost;
            judged = JudgeIfDueNeedsGate(now);
            _sketch.Add(key, reads);
        }
        finally
        {
            _gate.Exit();
        }

        Report(judged);
    }

    public bool IsHot(TKey key) => TryFind(key, out _);

    public bool TryFind(TKey key, [MaybeNullWhen(false)] out HotSet<TKey>.Found found)
    {
        found = null;
        var hot = Volatile.Read(ref _hot);
        return hot.Count > 0 && hot.TryGet(key, out found) && found.Until > _surroundings.MillisecondsAtMost;
    }

    /// <summary>Takes the right to ask the shared tier for a key now, or says how long that would be too early. Whoever asks for a key that is not hot may do so at any time.</summary>
    public TimeSpan TakeTurn(TKey key) =>
        !IsCalm && TryFind(key, out var found) ? TimeSpan.FromTicks(found.TakeTurn(_surroundings.Now, (long)(TimeSpan.TicksPerSecond / Options.AsksPerSecondMax))) : TimeSpan.Zero;

    /// <summary>The keys that are asked for most, by how often; those that are hot among them.</summary>
    public IReadOnlyList<HotKey<TKey>> List()
    {
        Judged judged = default;
        HotKey<TKey>[] all;
        lock (_gate)
        {
            var now = _surroundings.MillisecondsAtMost;
            judged = JudgeIfDueNeedsGate(now);
            var (total, seconds) = (_sketch.Total, _seconds + ((now - _judgedAt) / 1_000d));
            all = new HotKey<TKey>[_sketch.Counters.Length];
            for (var n = 0; n < all.Length; n++)
            {
                ref readonly var counter = ref _sketch.Counters[n];
                var fleet = FleetRateOf(counter.Key, now);
                all[n] = new()
                {
                    Key = counter.Key,
                    ReadsPerSecond = seconds > 0 ? counter.Certain / seconds : 0,
                    Share = total > 0 ? counter.Certain / total : 0,
                    FleetReadsPerSecond = fleet.ReadsPerSecond,
                    FleetShare = fleet.Share,
                    IsHot = IsHot(counter.Key),
                };
            }
        }

        Report(judged);
        return [.. all.Where(one => one.ReadsPerSecond >= 0.1 || one.IsHot).OrderByDescending(one => one.ReadsPerSecond)];
    }

    /// <summary>The keys that have a counter, most read first, however long ago that was: all fade alike.</summary>
    public IReadOnlyList<TKey> Tracked()
    {
        lock (_gate)
        {
            return [.. _sketch.Counters.ToArray().OrderByDescending(one => one.Certain).ThenByDescending(one => one.Reads).Select(one => one.Key)];
        }
    }

    /// <summary>How many keys are treated as hot, and the share of the reads that is for them.</summary>
    public (int Count, double Share) Hottest()
    {
        HotKey<TKey>[] hot = [.. List().Where(one => one.IsHot)];
        return (hot.Length, hot.Sum(one => one.Share));
    }

    private Judged JudgeIfDueNeedsGate(long now) => _judgedAt == long.MinValue || now - _judgedAt >= WindowMilliseconds ? JudgeNeedsGate(now) : default;

    /// <summary>Judges what the windows since the last time have brought, and lets the counts fade.</summary>
    private Judged JudgeNeedsGate(long now)
    {
        var passed = _judgedAt == long.MinValue ? WindowMilliseconds : now - _judgedAt;
        _seconds += _judgedAt == long.MinValue ? 0 : passed / 1_000d;
        _judgedAt = now;
        var (options, judged) = (Options, default(Judged));
        foreach (ref readonly var counter in _sketch.Counters)
        {
            var fleet = FleetRateOf(counter.Key, now);
            if (IsHotNow(counter, options))
            {
                judged = Add(judged, counter.Key, (counter.Certain / _seconds, counter.Certain / _sketch.Total), now, options);
            }
            else if (fleet.Share >= options.ShareMin && fleet.ReadsPerSecond >= options.ReadsPerSecondMin)
            {
                judged = Add(judged, counter.Key, (fleet.ReadsPerSecond, fleet.Share), now, options);
            }
        }

        if (_seconds > 0 && _fleet is not null && _fleet.IsDue(now, options))
        {
            judged = judged with { Told = ToldNeedsGate() };
        }

        foreach (var one in _hot.Keys)
        {
            if (one.Until > now)
            {
                _protect(one.Key);
            }
        }

        judged = judged with { Cooled = judged.Found is null ? Cooled(now) : 0 };
        if (judged.Found is not null || judged.Cooled > 0)
        {
            Volatile.Write(ref _hot, new([.. _hot.Keys.Where(one => one.Until > now).Union(judged.Found?.Select(one => one.Key) ?? [])]));
        }

        var left = Math.Pow(0.5, passed / (double)WindowMilliseconds);
        _sketch.Fade(left);
        _seconds *= left;
        return judged;
    }

    private bool IsHotNow(in SpaceSaving<TKey>.Counter counter, HotKeyOptions options) =>
        _seconds > 0 && counter.Notes >= (counter.Reads > counter.Notes * 1.5 ? SamplesMin : NotesMin) && counter.Certain >= options.ShareMin * _sketch.Total && counter.Certain >= options.ReadsPerSecondMin * _seconds;

    private FleetRate FleetRateOf(TKey key, long now) => _fleet is not null && _fleet.TryGet(key, now, out var rate) ? rate : default;

    private (double Reads, (TKey Key, double Rate)[] Keys) ToldNeedsGate()
    {
        var keys = new (TKey, double)[_sketch.Counters.Length];
        for (var n = 0; n < keys.Length; n++)
        {
            keys[n] = (_sketch.Counters[n].Key, _sketch.Counters[n].Certain / _seconds);
        }

        return (_sketch.Total / _seconds, keys);
    }

    private Judged Add(Judged judged, TKey key, (double Rate, double Share) now, long at, HotKeyOptions options)
    {
        var until = at + (long)options.HoldTime.TotalMilliseconds;
        if (_hot.TryGet(key, out var known))
        {
            var wasCold = known.Until <= at;
            known.Until = until;
            return wasCold ? judged with { Found = [.. judged.Found ?? [], (known, now.Rate, now.Share)] } : judged;
        }

        return judged with { Found = [.. judged.Found ?? [], (new(key) { Until = until }, now.Rate, now.Share)] };
    }

    private int Cooled(long now)
    {
        var cooled = 0;
        foreach (var one in _hot.Keys)
        {
            cooled += one.Until <= now ? 1 : 0;
        }

        return cooled;
    }

    private void Report(Judged judged)
    {
        foreach (var (_, rate, share) in judged.Found ?? [])
        {
            _listener.On(new HotKeyFound(_keyspace, rate, share));
        }

        if (judged.Told is { } told)
        {
            _fleet?.Tell(told.Reads, told.Keys, Options);
        }
    }

    private readonly record struct Judged((HotSet<TKey>.Found Key, double Rate, double Share)[]? Found, int Cooled, (double Reads, (TKey Key, double Rate)[] Keys)? Told);
}
