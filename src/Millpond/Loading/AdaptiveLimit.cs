using Millpond.Overload;
using Millpond.Runtime;

namespace Millpond.Loading;

/// <summary>
/// How many loads a source bears at once, found from how long they take: between a least and a most, fewer when loads take longer than they do when the source is left alone, more
/// again when they do not and more are wanted. docs/decisions has why it is made so.
/// </summary>
/// <remarks>
/// <para>
/// It works in windows of some loads. A window's slowness is the time its loads took, divided by what such loads take when the source is not crowded
/// (<see cref="LatencyBaseline"/>). Above <see cref="Tolerance"/> the limit falls in proportion, at most by half a window; below, it rises by a part of its square
/// root, the smaller the nearer the slowness is to the tolerance; unless it is not made use of, then not beyond what it was when it last was. So where loads queue up behind each other it settles a little above what the source does side by
/// side, and it neither falls because the source is idle nor rises because nobody tries it.
/// </para>
/// <para>
/// What loads take uncrowded is learnt whenever few are under way. If there always are many, now and then a probe lowers the limit to its least for a moment and measures.
/// Not safe for concurrent use: the guard holds its lock.
/// </para>
/// </remarks>
internal sealed class AdaptiveLimit(Surroundings surroundings)
{
    // A mean of 32 loads whose times vary as much as they last (an exponential distribution) is off by 18 %; half as slow again is then no accident, and is where a
    // source that does one thing at a time has queued up half a load's worth of waiting.
    private const double Tolerance = 1.5;
    private const int LoadsMin = 32;

    // Where loads are rare or long, fewer have to do.
    private const int LoadsMinLate = 8;
    private const double FallMost = 0.5;

    // A crowd's part of what loads take goes when the crowd does; a third less is more than noise.
    private const double InVainShare = 0.67;
    private const int ProbeLoads = 16;

    private static readonly long WindowTicksMin = TimeSpan.FromMilliseconds(100).Ticks;
    private static readonly long WindowTicksLate = TimeSpan.FromSeconds(1).Ticks;
    private static readonly long ProbeTicksMax = TimeSpan.FromSeconds(2).Ticks;
    private static readonly long BetweenProbesTicks = TimeSpan.FromSeconds(30).Ticks;

    // A probe costs what the source could have done meanwhile; one part in fifty at the most.
    private const int ProbeCostMax = 50;

    private readonly List<LatencyBaseline> _seen = [];
    private double _limit = 1;

    // What it was when it was last made use of. Left alone it comes back to this after a fall, so that noise alone does not wear it down.
    private double _learnt = 1;
    private int _min = 1;
    private int _max = 1;
    private long _beganAt;
    private double _slownessOfFall;
    private double _took;
    private double _expected;
    private int _loads;
    private int _peak;
    private bool _isProbing;
    private long _probeBeganAt;
    private long _aloneSince = long.MaxValue;
    private long _lastProbed = long.MaxValue;
    private int _probed;
    private long _probeDue = long.MinValue;

    /// <summary>How many may be under way now.</summary>
    public int Now => _isProbing ? _min : (int)_limit;

    public bool IsProbing => _isProbing;

    /// <summary>Whether loads are as slow now, with few of them, as they were when the limit fell for it.</summary>
    private bool FellInVain => _slownessOfFall > 0 && Slowness >= InVainShare * _slownessOfFall;

    /// <summary>How slow the last window was; 1 is as usual, 0 not known.</summary>
    public double Slowness { get; private set; }

    public void Configure(int min, int max)
    {
        // Still whole: wherever it had come to says little about other bounds, so it begins at the top, where the old kind of limit would be.
        _limit = _limit >= _max ? max : Math.Clamp(_limit, min, max);
        _learnt = _limit;
        (_min, _max) = (min, max);
    }

    /// <summary>Begins low: the source has just come back, and everybody wants something of it.</summary>
    public void StartLow(long now, int inside)
    {
        _limit = _learnt = _min;
        EndProbe(now, inside);
    }

    public void Entered(int inside, long now)
    {
        _peak = Math.Max(_peak, inside);
        _probed += _aloneSince <= now && _probed < ProbeLoads ? 1 : 0;
        _lastProbed = _probed < ProbeLoads ? long.MaxValue : Math.Min(_lastProbed, now);
        _beganAt = _beganAt == 0 ? now : _beganAt;
    }

    /// <summary>
    /// A load has left. One that failed says nothing of how slow the source is, because most fail fast; one that was broken off says that it would have taken longer still.
    /// </summary>
    public void Left(LatencyBaseline kind, long enteredAt, long now, int inside, CallEnd end)
    {
        if (_min == _max || end == CallEnd.Failed || (end == CallEnd.Unknown && now - enteredAt < kind.Ticks))
        {
            return;
        }

        if (_isProbing)
        {
            LeftProbe(kind, enteredAt, now, inside);
            return;
        }

        var usual = kind.Ticks;
        Note(kind, now - enteredAt, out var counted);
        _took += usual > 0 ? counted : 0;
        _expected += usual;
        var lasted = now - _beganAt;
        if ((_loads >= LoadsMin && lasted >= WindowTicksMin) || (_loads >= LoadsMinLate && lasted >= WindowTicksLate))
        {
            EndWindow(now, inside);
        }
    }

    private void EndWindow(long now, int inside)
    {
        var isAlone = _peak <= _min;
        if (_expected > 0)
        {
            Slowness = _took / _expected;
            Adjust();
        }

        if (isAlone)
        {
            LearnAll(now - _beganAt, FellInVain);
            _probeDue = now + BetweenProbesTicks;
        }
        else if (now >= _probeDue && _min < _max)
        {
            _isProbing = true;
            _probeBeganAt = now;
        }

        Begin(now, inside);
    }

    private void Adjust()
    {
        var isUsed = _peak * 2 >= (int)_limit;
        if (Slowness > Tolerance)
        {
            _slownessOfFall = (int)_limit > _min || _slownessOfFall == 0 ? Math.Max(_slownessOfFall, Slowness) : _slownessOfFall;
            _limit = Math.Max(_min, _limit * Math.Max(FallMost, Tolerance / Slowness));
        }
        else
        {
            _slownessOfFall = 0;
            var room = Math.Min(1, (Tolerance - Slowness) / (Tolerance - 1));
            _limit = Math.Max(_limit, Math.Min(isUsed ? _max : _learnt, _limit + (Math.Max(1, Math.Sqrt(_limit)) * room)));
        }

        _learnt = isUsed ? _limit : _learnt;
    }

    /// <summary>
    /// Only loads count that began when no more than the least were under way; of those the first to begin, and all of them. The first to end would be the short ones.
    /// </summary>
    private void LeftProbe(LatencyBaseline kind, long enteredAt, long now, int inside)
    {
        if (enteredAt >= _aloneSince)
        {
            if (enteredAt <= _lastProbed)
            {
                Note(kind, now - enteredAt, out _);
            }
        }
        else if (inside <= _min && _aloneSince == long.MaxValue)
        {
            _aloneSince = now;
        }

        if (_loads >= ProbeLoads || now - _probeBeganAt >= ProbeTicksMax)
        {
            LearnAll(BetweenProbesTicks, inVain: false);
            EndProbe(now, inside);
        }
    }

    private void EndProbe(long now, int inside)
    {
        if (_isProbing)
        {
            var pause = Math.Max(BetweenProbesTicks, (now - _probeBeganAt) * ProbeCostMax);
            _probeDue = now + (long)(pause * (0.75 + (0.5 * surroundings.NextDouble())));
            _isProbing = false;
            _aloneSince = _lastProbed = long.MaxValue;
            _probed = 0;
        }

        Begin(now, inside);
    }

    private void Note(LatencyBaseline kind, long took, out double counted)
    {
        if (!_seen.Contains(kind))
        {
            _seen.Add(kind);
        }

        counted = kind.Add(took);
        _loads++;
    }

    private void LearnAll(long time, bool inVain)
    {
        foreach (var kind in _seen)
        {
            kind.Learn(time, inVain);
        }
    }

    private void Begin(long now, int inside)
    {
        foreach (var kind in _seen)
        {
            kind.Forget();
        }

        _seen.Clear();
        (_took, _expected, _loads, _peak) = (0, 0, 0, inside);
        _beganAt = now;
    }
}
