namespace Millpond.WarmingUp;

/// <summary>The warm-ups of one cache: they begin together, side by side, and end one after the other.</summary>
internal sealed class WarmUps(IReadOnlyList<IWarmUp> all) : IAsyncDisposable
{
    public void Start()
    {
        foreach (var one in all)
        {
            one.Start();
        }
    }

    /// <summary>Ends them, and has each leave its keys behind. Called again it does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var one in all)
        {
            await one.DisposeAsync().ConfigureAwait(false);
        }
    }
}
