using Millpond.Redis.Scripts;
using Millpond.Redis.Steps;
using Millpond.Redis.Watched;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Redis.Probing;

/// <summary>Finds out by trying how this login's steps can be made whole: by scripts where they are allowed and isolated, else by watched transactions.</summary>
internal sealed class StepChoice(RespClient client, StepLimits limits, Surroundings surroundings)
{
    private const string Probe = "return 1";
    private static readonly RespArgument[] WatchedName = ["millpond:probe"];

    /// <returns>The steps.</returns>
    /// <exception cref="MillpondException">There are none.</exception>
    public async ValueTask<IAtomicSteps> ChooseAsync(RespServer server, bool isSharded)
    {
        var publish = isSharded ? "SPUBLISH" : "PUBLISH";

        // A script of Garnet is only isolated where it was started so, which it does not tell.
        if (server.Product != RespProduct.Garnet && await HasScriptsAsync().ConfigureAwait(false))
        {
            return new ScriptedSteps(new ScriptRunner(client, publish), limits, surroundings.NextNonce);
        }

        if (await HasTransactionsAsync().ConfigureAwait(false))
        {
            var watching = new Watching(limits, surroundings.NextNonce, publish);
            return new WatchedSteps(new WatchedRunner(client, new SessionLanes(client, server.IsCluster), watching, surroundings), limits);
        }

        throw new MillpondException(
            ErrorCode.SharedTierUnfit,
            $"{server.Node} ({server.Product} {server.Version}) offers this login no way to make a step whole. Allow scripts (ACL '+evalsha +script|load'), or watched transactions "
            + "('+watch +unwatch +multi +exec' and the commands that docs/redis.md lists).");
    }

    private async ValueTask<bool> HasScriptsAsync()
    {
        try
        {
            var digest = await client.ExecuteAsync(new RespCommand("SCRIPT", "LOAD", Probe) { Traits = RespTraits.Idempotent }).ConfigureAwait(false);
            await client.ExecuteAsync(new RespCommand("EVALSHA", digest.Bytes, 0) { Traits = RespTraits.Idempotent }).ConfigureAwait(false);
            return true;
        }
        catch (RespServerException refusal)
        {
            // In a cluster another node may have been asked, which knows of no script; it would run one.
            return refusal.Kind == "NOSCRIPT";
        }
    }

    private async ValueTask<bool> HasTransactionsAsync()
    {
        var session = await client.OpenSessionAsync().ConfigureAwait(false);
        try
        {
            await session.ExecuteAsync("MULTI").ConfigureAwait(false);
            await session.ExecuteAsync("PING").ConfigureAwait(false);
            var told = await session.ExecuteAsync("EXEC").ConfigureAwait(false);
            return told.Items.Count == 1 && await MayWatchAsync(session).ConfigureAwait(false);
        }
        catch (RespServerException)
        {
            return false;
        }
        finally
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Which names this login may use is not known here; being refused this one says that the command itself is allowed.
    private static async ValueTask<bool> MayWatchAsync(RespSession session)
    {
        try
        {
            await session.ExecuteAsync("WATCH", WatchedName).ConfigureAwait(false);
            return true;
        }
        catch (RespServerException refusal)
        {
            return refusal.Kind is "MOVED" or "CLUSTERDOWN" || (refusal.Kind == "NOPERM" && refusal.ServerText.Contains("key", StringComparison.OrdinalIgnoreCase));
        }
    }
}
