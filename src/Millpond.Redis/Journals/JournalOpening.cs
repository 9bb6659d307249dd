using Microsoft.Extensions.Logging;
using Millpond.Journals;
using Millpond.Redis.Requests;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Redis.Journals;

/// <summary>
/// Begins, or goes on with, a journal on whatever server takes its writes now, and says in the log what may be missing there.
/// </summary>
/// <remarks>
/// <para>A server that is in another life than the one that wrote last, or knows less than this process was told, may have an older copy. Positions and tokens are then skipped, more than could have been given out since that copy: none
/// is given twice, so what sinks remember of positions goes on to mean what it meant, and nobody who led before leads still.</para>
/// <para>Where nothing is left, another journal begins, with another identity.</para>
/// </remarks>
internal sealed class JournalOpening(RespClient client, JournalKeys keys, RedisJournalOptions options, Surroundings surroundings, ILogger log)
{
    /// <summary>More appends, or leads, than anybody makes between two copies; and a number of a script counts two million times so far.</summary>
    private const long Skip = 1L << 32;

    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly JournalSurety _surety = new(options);
    private long? _gaveWayAt;

    /// <summary>A connection to the server that takes the journal's writes now.</summary>
    public async Task<JournalSession> ConnectAsync(CancellationToken cancellationToken)
    {
        // Whoever looks after the shared connections finds out who that is.
        await client.ExecuteAsync(new RespCommand("HDEL", keys.State, "nothing") { Slot = keys.Slot, Traits = RespTraits.Idempotent }, cancellationToken).ConfigureAwait(false);
        var session = await client.OpenSessionAsync(keys.Slot, cancellationToken).ConfigureAwait(false);
        try
        {
            return new JournalSession(session, keys, await _surety.FindAsync(session).ConfigureAwait(false));
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Says, once a minute, that the trail makes room for appends. Called by the lane.</summary>
    public void GaveWay(string node, long bytes)
    {
        if (_gaveWayAt is not { } at || surroundings.Now - at >= BetweenWarnings.Ticks)
        {
            _gaveWayAt = surroundings.Now;
            JournalLog.GaveWay(log, options.Name, node, bytes, null);
        }
    }

    /// <summary>Finds the journal there.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="known">How it stood when this process heard of it last.</param>
    /// <param name="keyspace">Whose it must be.</param>
    public async Task<JournalStand> OpenAsync(JournalSession session, JournalStand known, string keyspace)
    {
        ReadOnlyMemory<byte>[] arguments = [Argument.Of(keyspace), Argument.Of(surroundings.NextNonce().ToString()), Argument.Of(Skip)];
        JournalStand stand;
        try
        {
            stand = await session.CallAsync(JournalScript.Open, known.Last, arguments).ConfigureAwait(false);
        }
        catch (RespServerException refusal) when (refusal.Kind == "NOSCRIPT")
        {
            await session.LoadAsync(JournalScript.Open).ConfigureAwait(false);
            stand = await session.CallAsync(JournalScript.Open, known.Last, arguments).ConfigureAwait(false);
        }

        switch (stand.Status)
        {
            case "another":
                throw new JournalException(JournalFailure.Unfit, $"The journal '{options.Name}' at {session.Node} is of keyspace '{stand.Keyspace}' and was opened for '{keyspace}'. Give each keyspace a journal of its own.");
            case "torn":
                throw new JournalException(JournalFailure.Unfit, $"The journal '{options.Name}' at {session.Node} has records or a trail and no head: somebody deleted '{System.Text.Encoding.UTF8.GetString(keys.State)}'. What is left was acknowledged, or is what became of it: save it, then delete the other keys of that hash tag.");
            case "made" or "resumed" or "opened" when known.Identity.Length > 0 && stand.Identity != known.Identity:
                JournalLog.Gone(log, options.Name, session.Node, known.Depth.Records, null);
                break;
            case "resumed":
                JournalLog.Resumed(log, options.Name, session.Node, stand.Beside, known.Last, null);
                break;
        }

        return stand;
    }
}
