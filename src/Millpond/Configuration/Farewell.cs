using Millpond.Runtime;

namespace Millpond;

/// <summary>What a cache does last: changes that the shared tier has not been told die with this process, so they are tried once more.</summary>
internal static class Farewell
{
    /// <summary>What a deployment during an outage of the shared tier waits in vain.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(2);

    public static async ValueTask SayAsync(IReadOnlyCollection<IKeyspaceHandle> keyspaces, Surroundings surroundings)
    {
        if (keyspaces.All(keyspace => keyspace.DeferredChanges == 0))
        {
            return;
        }

        using var late = new CancellationTokenSource(WaitMax, surroundings.Time);
        foreach (var farewell in keyspaces.Select(keyspace => keyspace.TellDeferredAsync(late.Token)).ToArray())
        {
            await farewell.ConfigureAwait(false);
        }
    }
}
