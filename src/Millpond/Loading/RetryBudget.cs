namespace Millpond.Loading;

/// <summary>
/// How many loads may be tried again: a share of those that succeeded. Where few fail, each may be tried again; where all fail, trying again would only make twice as many.
/// Guarded by the guard's gate.
/// </summary>
internal sealed class RetryBudget
{
    // What may be saved up: enough for a short trouble, too little to be a burden of its own.
    private const double SavedMax = 10;

    private double _saved = SavedMax;

    public void Earn(double share) => _saved = Math.Min(SavedMax, _saved + share);

    public bool TrySpend()
    {
        if (_saved < 1)
        {
            return false;
        }

        _saved--;
        return true;
    }
}
