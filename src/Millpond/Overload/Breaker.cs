using Millpond.Runtime;

namespace Millpond.Overload;

/// <summary>How a breaker stands: what stops calling somebody who fails, and finds out carefully when that is over.</summary>
public enum BreakerState
{
    /// <summary>Calls pass.</summary>
    Closed,

    /// <summary>A few calls pass, to find out.</summary>
    HalfOpen,

    /// <summary>No call passes.</summary>
    Open,
}

/// <summary>What a call says of who was called.</summary>
internal enum CallEnd
{
    /// <summary>It answered.</summary>
    Succeeded,

    /// <summary>It failed, or did not answer in time.</summary>
    Failed,

    /// <summary>The caller gave up, or was at fault itself; nothing is known.</summary>
    Unknown,
}

/// <summary>When a breaker opens and how it closes.</summary>
/// <param name="FailureShare">The share of failures among the calls of a window that opens it; above 1 never.</param>
/// <param name="CallsMin">Fewer calls than this in a window prove nothing.</param>
/// <param name="Window">How far back it looks: at least this, at most twice.</param>
/// <param name="PauseMin">How long it stays open the first time; each time that it fails again twice as long.</param>
/// <param name="PauseMax">The longest of these.</param>
/// <param name="Probes">How many calls pass at once while it is half-open, and how many have to succeed.</param>
internal sealed record BreakerSettings(double FailureShare, int CallsMin, TimeSpan Window, TimeSpan PauseMin, TimeSpan PauseMax, int Probes);

/// <summary>That a call was let pass; comes back with its end.</summary>
/// <param name="Round">Which state of the breaker let it pass. What comes back from an earlier one says nothing of this one.</param>
internal readonly record struct BreakerPass(int Round);

/// <summary>
/// Stops calling somebody who fails, and finds out carefully when that is over.
/// </summary>
/// <remarks>
/// Closed, it counts over two windows, the running one and the one before it; enough failures in a row open it too, however many calls went well before them. Open, it lets nothing pass for a pause, jittered so that a fleet does not come back as one.
/// Half-open, it lets a few calls pass at a time: when enough have succeeded it closes, and the first that fails opens it for twice as long. Not safe for concurrent use:
/// whoever owns it holds its own lock.
/// </remarks>
internal sealed class Breaker(BreakerSettings settings, Surroundings surroundings)
{
    private BreakerSettings _settings = settings;
    private Counts _now;
    private Counts _before;
    private long _windowEnds;
    private long _openUntil;
    private int _round;
    private int _inRow;
    private int _openedInRow;
    private int _probing;
    private int _proven;

    public BreakerState State { get; private set; }

    /// <summary>While open: when the next call may pass, in ticks.</summary>
    public long OpenUntil => _openUntil;

    /// <summary>Another one after each change of state.</summary>
    public int Round => _round;

    public void Configure(BreakerSettings changed) => _settings = changed;

    /// <summary>Whether a call may pass now. A true return must be followed by one <see cref="Ended"/>.</summary>
    public bool TryPass(long now, out BreakerPass pass)
    {
        pass = new(_round);
        if (State == BreakerState.Closed)
        {
            return true;
        }

        if (State == BreakerState.Open && now >= _openUntil)
        {
            Enter(BreakerState.HalfOpen);
            pass = new(_round);
        }

        if (State == BreakerState.Open || _probing + _proven >= _settings.Probes)
        {
            return false;
        }

        _probing++;
        return true;
    }

    public void Ended(BreakerPass pass, CallEnd end, long now)
    {
        if (pass.Round != _round)
        {
            return;
        }

        if (State == BreakerState.HalfOpen)
        {
            EndProbe(end, now);
        }
        else if (State == BreakerState.Closed && end != CallEnd.Unknown)
        {
            Count(end, now);
        }
    }

    private void EndProbe(CallEnd end, long now)
    {
        _probing--;
        if (end == CallEnd.Failed)
        {
            Open(now);
        }
        else if (end == CallEnd.Succeeded && ++_proven >= _settings.Probes)
        {
            _openedInRow = 0;
            Enter(BreakerState.Closed);
        }
    }

    private void Count(CallEnd end, long now)
    {
        if (now >= _windowEnds)
        {
            _before = now - _windowEnds < _settings.Window.Ticks ? _now : default;
            _now = default;
            _windowEnds = now + _settings.Window.Ticks;
        }

        _now = new(_now.All + 1, _now.Failed + (end == CallEnd.Failed ? 1 : 0));
        _inRow = end == CallEnd.Failed ? _inRow + 1 : 0;
        var all = _now.All + _before.All;
        var failed = Math.Max(_now.Failed + _before.Failed, _inRow >= _settings.CallsMin ? all : 0);
        if (end == CallEnd.Failed && all >= _settings.CallsMin && failed >= _settings.FailureShare * all)
        {
            Open(now);
        }
    }

    private void Open(long now)
    {
        var pause = _settings.PauseMin * Math.Pow(2, Math.Min(_openedInRow++, 30));
        var bounded = pause < _settings.PauseMax ? pause : _settings.PauseMax;
        _openUntil = now + (long)(bounded.Ticks * (0.75 + (0.5 * surroundings.NextDouble())));
        Enter(BreakerState.Open);
    }

    private void Enter(BreakerState state)
    {
        State = state;
        _round++;
        _probing = _proven = _inRow = 0;
        _now = _before = default;
        _windowEnds = 0;
    }

    private readonly record struct Counts(int All, int Failed);
}
