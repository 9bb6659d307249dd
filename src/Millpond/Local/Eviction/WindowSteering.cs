namespace Millpond.Local;

/// <summary>
/// Which share of the bytes the window gets. Where hits are denser, there is more to gain: the share moves towards the region with more hit bytes per byte. For
/// the window its hits count, or if there are more of them those that a wider one would have had.
/// </summary>
/// <remarks>
/// <para>Cost: O(1), on misses only. Hits are not seen when they happen but when the policy passes an entry that was hit; in a steady state that is as many.</para>
/// <para>The idea of letting the workload choose the window is that of adaptive TinyLFU (Einziger, Eytan, Friedman and Manes 2018), which climbs by trial; a
/// comparison of densities needs no trial, and so no time spent on the wrong side. The step adapts as in Rprop (Riedmiller and Braun 1993): longer
/// while the direction holds, so that a hot set that moves is followed, and halved at each turn, so that a settled share stays.</para>
/// </remarks>
internal sealed class WindowSteering
{
    private const double ShareMin = 0.01;
    private const double ShareMax = 0.99;

    // Small at first: what admission does badly without knowing anything is repaired within a few periods, what recency does badly is not.
    private const double ShareFirst = 0.1;

    private const double StepFirst = 0.03;
    private const double StepMin = 0.005;
    private const double StepMax = 0.1;
    private const double Longer = 1.5;
    private const double Shorter = 0.5;

    // Misses between two decisions: a tenth of the entries. At three tenths a drifting hot set costs up to 2.6 points against LRU, at one tenth 1.0.
    private const int EntriesPerMiss = 10;
    private const int MissesMin = 64;

    // An entry of the window is passed twice as soon as it stops being hit, one of the main queue need not be; so its hits are counted more completely.
    private const double WindowBias = 0.8;

    // Half of what was seen before still counts, which steadies small caches.
    private const double Remembered = 0.5;

    // Below a twentieth of the main queue's density the window holds what is never asked for again before it leaves: a loop or a scan.
    private const double IdleBelow = 0.05;

    // What was turned away and came back counts for a little less than what was held and hit.
    private const double RejectsBias = 0.7;

    private double _hitBytesInWindow;
    private double _hitBytesInMain;
    private double _hitBytesInRejects;
    private double _step = StepFirst;
    private bool _widening;
    private int _misses;

    /// <summary>The window's share of all bytes, from 0.01 to 0.99.</summary>
    public double Share { get; private set; } = ShareFirst;

    /// <summary>Whether next to nothing is hit in the window. In a loop all keys are equally frequent, and each that has just been asked for is one ahead of
    /// those whose turn comes next: then a candidate must be ahead by more than that.</summary>
    public bool WindowIsIdle { get; private set; }

    public void HitInWindow(uint weight) => _hitBytesInWindow += weight;

    public void HitInMain(uint weight) => _hitBytesInMain += weight;

    /// <summary>A key that was turned away has come back.</summary>
    public void CameBack(uint weight) => _hitBytesInRejects += weight;

    /// <summary>Counts a miss; every now and then this moves the share by one step.</summary>
    public void Missed(int entries, long windowBytes, long mainBytes, double rejectedBytes)
    {
        if (++_misses < Math.Max(MissesMin, entries / EntriesPerMiss))
        {
            return;
        }

        _misses = 0;
        var window = WindowBias * _hitBytesInWindow / Math.Max(1, windowBytes);
        var main = _hitBytesInMain / Math.Max(1, mainBytes);
        WindowIsIdle = window < IdleBelow * main;
        window = Math.Max(window, RejectsBias * _hitBytesInRejects / rejectedBytes);
        if (window + main > 0)
        {
            Move((window - main) / (window + main));
        }

        _hitBytesInWindow *= Remembered;
        _hitBytesInMain *= Remembered;
        _hitBytesInRejects *= Remembered;
    }

    private void Move(double towardsWindow)
    {
        var widening = towardsWindow > 0;
        _step = Math.Clamp(_step * (widening == _widening ? Longer : Shorter), StepMin, StepMax);
        _widening = widening;
        Share = Math.Clamp(Share + (_step * towardsWindow), ShareMin, ShareMax);
    }
}
