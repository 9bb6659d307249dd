using Millpond.Redis.Layout;
using Millpond.Redis.Requests;
using Millpond.Resp;

namespace Millpond.Redis.Scripts;

/// <summary>
/// Calls scripts by the digest of the text that belongs to the server's present life, loads them where they are not known, and finds out about another life in the same breath.
/// </summary>
internal sealed class ScriptRunner(RespClient client, string publish)
{
    /// <summary>A server that restarts again and again, or two that take turns, end a call; it is made later.</summary>
    private const int AttemptsMax = 5;

    // Until a server refuses to.
    private volatile bool _readsFlags = true;

    /// <summary>Runs a script that reads the control record.</summary>
    public async ValueTask<TResult> RunAsync<TReader, TResult>(Script script, PartitionKeys partition, ScriptArguments arguments, RespTraits traits, CancellationToken cancellationToken)
        where TReader : IReplyReader<TResult>, IStepOf<TResult>
    {
        for (var attempt = 1; ; attempt++)
        {
            var life = partition.Life ?? await LearnAsync(partition, cancellationToken).ConfigureAwait(false);
            try
            {
                var call = new ScriptCall<TReader, TResult>(script.Name, script.TextFor(life, publish, _readsFlags), partition.Slot, arguments, traits);
                var result = await client.SendAsync<ScriptCall<TReader, TResult>, TResult>(call, cancellationToken).ConfigureAwait(false);
                var seen = TReader.StepOf(result).Life;
                if (seen == life || attempt >= AttemptsMax)
                {
                    return result;
                }

                // The text of another life ran: an old server kept it over a restart, or a former primary is one again. The step has begun a new incarnation there, and is made again in the right one.
                partition.Life = seen;
            }
            catch (RespServerException refusal) when (refusal.Kind == "NOSCRIPT" && attempt < AttemptsMax)
            {
                await LoadAsync(script, partition, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Runs a script that means the same in every life.</summary>
    public async ValueTask<TResult> RunPlainAsync<TReader, TResult>(Script script, PartitionKeys partition, ScriptArguments arguments, RespTraits traits, CancellationToken cancellationToken)
        where TReader : IReplyReader<TResult>
    {
        var text = script.TextFor(ServerLife.Unknown, publish, _readsFlags);
        var call = new ScriptCall<TReader, TResult>(script.Name, text, partition.Slot, arguments, traits);
        try
        {
            return await client.SendAsync<ScriptCall<TReader, TResult>, TResult>(call, cancellationToken).ConfigureAwait(false);
        }
        catch (RespServerException refusal) when (refusal.Kind == "NOSCRIPT")
        {
            await client.SendAsync<LoadScript, ulong>(new LoadScript(text, partition.Slot), cancellationToken).ConfigureAwait(false);
            return await client.SendAsync<ScriptCall<TReader, TResult>, TResult>(call, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask LoadAsync(Script script, PartitionKeys partition, CancellationToken cancellationToken)
    {
        var life = await LearnAsync(partition, cancellationToken).ConfigureAwait(false);
        try
        {
            partition.Life = await client.SendAsync<LoadScript, ulong>(new LoadScript(script.TextFor(life, publish, _readsFlags), partition.Slot), cancellationToken).ConfigureAwait(false);
        }
        catch (RespServerException refusal) when (_readsFlags && refusal.ServerText.Contains("compiling", StringComparison.Ordinal))
        {
            // Older than Redis 7, to which the line with the flags is not Lua.
            _readsFlags = false;
            partition.Life = await client.SendAsync<LoadScript, ulong>(new LoadScript(script.TextFor(life, publish, flags: false), partition.Slot), cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<ulong> LearnAsync(PartitionKeys partition, CancellationToken cancellationToken)
    {
        var life = await client.SendAsync<WhoIsThere, ulong>(new WhoIsThere(partition.Slot), cancellationToken).ConfigureAwait(false);
        partition.Life = life;
        return life;
    }
}
