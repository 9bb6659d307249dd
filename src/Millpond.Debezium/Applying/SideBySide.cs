namespace Millpond.Debezium.Applying;

/// <summary>Loops of one run, of which none goes on without the others.</summary>
internal static class SideBySide
{
    /// <summary>Runs them until one ends, ends the others, and throws what the first one threw.</summary>
    public static async Task RunAsync(CancellationToken stop, params Func<CancellationToken, Task>[] loops)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] running = [.. loops.Select(loop => loop(ended.Token))];
        var first = await Task.WhenAny(running).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running.Select(EndAsync)).ConfigureAwait(false);
        await first.ConfigureAwait(false);
    }

    private static async Task EndAsync(Task loop)
    {
        try
        {
            await loop.ConfigureAwait(false);
        }
        catch (Exception)
        {
            // That of the first to end is thrown; the others were told to.
        }
    }
}
