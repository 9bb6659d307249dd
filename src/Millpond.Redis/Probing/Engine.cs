using Millpond.Redis.Steps;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Redis.Probing;

/// <summary>Finds out, once, how steps can be made whole on the engine that is there, and what it cannot guarantee.</summary>
internal sealed class Engine(RespClient client, StepLimits limits, Surroundings surroundings)
{
    private Found? _found;

    /// <summary>The steps; the first use of a tier that nobody connected finds out.</summary>
    public ValueTask<Found> FoundAsync(CancellationToken cancellationToken) => Volatile.Read(ref _found) is { } found ? new(found) : ProbeAsync(cancellationToken);

    /// <summary>Finds out anew.</summary>
    public async ValueTask<Found> ProbeAsync(CancellationToken cancellationToken)
    {
        var probe = await client.ProbeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        var server = probe.Server;
        var isSharded = server.IsCluster && probe.Capabilities.HasFlag(RespCapabilities.ShardedChannels);

        var steps = await new StepChoice(client, limits, surroundings).ChooseAsync(server, isSharded).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        var memory = await MemoryAsync(cancellationToken).ConfigureAwait(false);
        var found = new Found(steps, isSharded, server, memory);
        Volatile.Write(ref _found, found);
        return found;
    }

    private async ValueTask<IReadOnlyDictionary<string, string>> MemoryAsync(CancellationToken cancellationToken)
    {
        try
        {
            var reply = await client.ExecuteAsync(new RespCommand("INFO", "memory"), cancellationToken).ConfigureAwait(false);
            return (reply.Text ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Where(line => line.Contains(':', StringComparison.Ordinal))
                .ToDictionary(line => line[..line.IndexOf(':', StringComparison.Ordinal)], line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..], StringComparer.Ordinal);
        }
        catch (RespServerException)
        {
            // Not ours to know.
            return new Dictionary<string, string>(StringComparer.Ordinal);
        }
    }
}
