using Millpond.Events;
using Millpond.Runtime;

namespace Millpond.Local;

/// <summary>
/// Decides how much of its configured bytes a cache may fill: less where the process may not have them, less while memory is short, and all again when it is not.
/// </summary>
/// <remarks>
/// Looks after each full collection of the process, which is when the runtime knows how things stand and when they change; so there is no timer, and a container's limit counts
/// wherever the runtime minds it. Memory is short where the runtime itself says so (by default at 90 % of what there is), when it begins to collect in earnest. Then a
/// quarter of the budget goes with each look, down to a quarter; room comes back in smaller steps, because filling it is what made memory short.
/// </remarks>
internal sealed class MemoryPressure(LocalBudget budget, CacheListener listener)
{
    // A cache is there to be smaller than the memory; what the process does is what the rest is for.
    private const double AvailableShareMax = 0.75;

    private const double ShareMin = 0.25;
    private const double ShrinkBy = 0.75;
    private const double GrowBy = 0.1;

    // Between here and the runtime's own mark nothing changes, so that the budget does not swing.
    private const double CalmBelow = 0.9;

    private readonly Lock _gate = new();
    private long _configured = long.MaxValue;
    private long _available = long.MaxValue;
    private double _share = 1;

    /// <summary>Takes over a configured budget.</summary>
    public void Configure(long bytesMax, in MemoryFigures figures)
    {
        lock (_gate)
        {
            _configured = bytesMax;
            _available = figures.Available;
            ApplyNeedsGate();
        }
    }

    /// <summary>Looks at how things stand.</summary>
    public void Look(in MemoryFigures figures)
    {
        lock (_gate)
        {
            _available = figures.Available;
            _share = figures.Load >= figures.ShortFrom ? Math.Max(ShareMin, _share * ShrinkBy)
                : figures.Load < figures.ShortFrom * CalmBelow ? Math.Min(1, _share + GrowBy)
                : _share;
            ApplyNeedsGate();
        }
    }

    private void ApplyNeedsGate()
    {
        var bytesMax = (long)Math.Min(_configured * _share, _available * AvailableShareMax);
        bytesMax = _share == 1 && _configured <= _available * AvailableShareMax ? _configured : bytesMax;
        if (bytesMax != budget.BytesMax)
        {
            budget.Resize(bytesMax);
            listener.On(new LocalBudgetChanged(bytesMax, _configured));
        }
    }
}
