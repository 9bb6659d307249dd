using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millpond.Journals;
using Millpond.Redis.Requests;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Redis.Journals;

/// <summary>
/// A journal in Redis or Valkey: a stream, with a hash of what is pending of each key beside it (<see cref="JournalKeys"/>). Steps go through <see cref="JournalLane"/>; what only reads goes over the shared connections.
/// </summary>
internal sealed class RedisJournal : IWriteJournal
{
    // Letters may be large, and there may be many.
    private const int LettersAtOnce = 100;

    private readonly RedisJournalOptions _options;
    private readonly Surroundings _surroundings;
    private readonly RespClient _client;
    private readonly JournalLane _lane;
    private readonly LatestLead _lead;

    public RedisJournal(RedisJournalOptions options, ILoggerFactory? loggers, Surroundings surroundings)
    {
        (_options, _surroundings) = (options.Checked(), surroundings);
        _lead = new LatestLead(surroundings);
        _client = new RespClient(options.Connection, surroundings.Time, loggers);
        Keys = new JournalKeys(options.Name);
        var log = (loggers ?? NullLoggerFactory.Instance).CreateLogger("Millpond.Redis.Journal");
        _lane = new JournalLane(new JournalOpening(_client, Keys, options, surroundings, log), surroundings);
        Trail = options.Trail is { } trail ? new RedisTrail(this, trail, surroundings.Time) : null;
        Capabilities = new JournalCapabilities { Kind = "redis-stream", Survives = options.Survives | JournalSurvival.ProcessDeath, Reach = JournalReach.Fleet };
    }

    public JournalCapabilities Capabilities { get; }

    public IJournalTrail? Trail { get; }

    public JournalDepth Depth => _lane.Stand.Depth;

    public JournalKeys Keys { get; }

    public async ValueTask OpenAsync(string keyspace, CancellationToken cancellationToken)
    {
        try
        {
            await _lane.OpenAsync(keyspace, cancellationToken).ConfigureAwait(false);
        }
        catch (RespException failure)
        {
            // What the engine itself says no to stays so; one that is away, or just starting, is asked again.
            var isUnfit = failure is RespServerException { Kind: "NOPERM" or "NOAUTH" or "WRONGPASS" or "WRONGTYPE" or "ERR" };
            throw new JournalException(isUnfit ? JournalFailure.Unfit : JournalFailure.Refused, $"The journal '{_options.Name}' cannot be opened: {failure.Message}", failure);
        }
    }

    public async ValueTask<long> AppendAsync(IReadOnlyList<JournalWrite> writes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(writes.Count);
        var arguments = new ReadOnlyMemory<byte>[1 + (writes.Count * JournalCall.ArgumentsOfRecord)];
        arguments[0] = Argument.Of(_surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds());
        for (var i = 0; i < writes.Count; i++)
        {
            // Copied: whoever no longer waits has his bytes back before they are sent.
            var (write, at) = (writes[i], 1 + (i * JournalCall.ArgumentsOfRecord));
            arguments[at] = Argument.Of((long)write.Kind);
            arguments[at + 1] = Argument.Of(write.Key);
            arguments[at + 2] = write.Value.ToArray();
            arguments[at + 3] = Argument.Of(write.Delta);
        }

        return (await AskAsync(JournalScript.Append, StepEffect.Durable, arguments, cancellationToken).ConfigureAwait(false)).Last;
    }

    public async ValueTask<JournalRecord?> FindPendingAsync(string key, CancellationToken cancellationToken)
    {
        var reply = await LookAsync(new RespCommand("HGET", Keys.Pending, key) { Traits = RespTraits.Idempotent }, cancellationToken).ConfigureAwait(false);
        return reply.IsNull ? null : StoredRecords.OfPending(key, reply.Bytes);
    }

    public async ValueTask<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(long after, int lettersMax, CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetter>();
        while (letters.Count < lettersMax)
        {
            var count = Math.Min(LettersAtOnce, lettersMax - letters.Count);
            var names = await LookAsync(new RespCommand("ZRANGEBYSCORE", Keys.Order, $"({after}", "+inf", "LIMIT", 0, count) { Traits = RespTraits.Idempotent }, cancellationToken).ConfigureAwait(false);
            if (names.Items.Count == 0)
            {
                break;
            }

            long[] positions = [.. names.Items.Select(name => long.Parse(name.Bytes.Span[..16], System.Globalization.CultureInfo.InvariantCulture))];
            var found = await LookAsync(new RespCommand("HMGET", [Keys.Dead, .. positions.Select(position => (RespArgument)position)]) { Traits = RespTraits.Idempotent | RespTraits.Large }, cancellationToken).ConfigureAwait(false);
            letters.AddRange(found.Items.Where(letter => !letter.IsNull).Select(letter => StoredRecords.OfLetter(letter.Bytes)));
            after = positions[^1];
        }

        return letters;
    }

    public async ValueTask<IJournalLead?> TryLeadAsync(CancellationToken cancellationToken)
    {
        return await _lead.TryTakeAsync(holder => new RedisLead(this, holder, _options.LeadTime, _options.Trail, _surroundings), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Has a step made.</summary>
    public async Task<JournalStand> AskAsync(JournalScript script, StepEffect effect, ReadOnlyMemory<byte>[] arguments, CancellationToken cancellationToken) =>
        await _surroundings.WaitAsync(_lane.AskAsync(script, effect, arguments), cancellationToken).ConfigureAwait(false);

    /// <summary>Asks what changes nothing.</summary>
    public Task<RespValue> LookAsync(RespCommand command, CancellationToken cancellationToken) => LookAsync(token => _client.ExecuteAsync(command, token), cancellationToken);

    private async Task<RespValue> LookAsync(Func<CancellationToken, ValueTask<RespValue>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(cancellationToken).ConfigureAwait(false);
        }
        catch (RespException failure)
        {
            throw new JournalException(JournalFailure.Refused, $"The journal '{_options.Name}' could not be read: {failure.Message}", failure);
        }
    }

    /// <summary>Records after a position; null where another journal has taken the place of the one that is asked for: its positions are not this one's.</summary>
    public async Task<IReadOnlyList<JournalRecord>?> EntriesAsync(string identity, long after, int recordsMax, CancellationToken cancellationToken)
    {
        var arguments = new ScriptArguments([Keys.State, Keys.Records], [Argument.Of(identity), Argument.Of($"{after + 1}-0"), Argument.Of(recordsMax)]);
        var call = new ScriptCall<TreeReply, RespValue>(JournalScript.Read.Name, JournalScript.Read.Text, Keys.Slot, arguments, RespTraits.Idempotent | RespTraits.Large);
        var reply = await LookAsync(
            async token =>
            {
                try
                {
                    return await _client.SendAsync<ScriptCall<TreeReply, RespValue>, RespValue>(call, token).ConfigureAwait(false);
                }
                catch (RespServerException refusal) when (refusal.Kind == "NOSCRIPT")
                {
                    await _client.SendAsync<LoadScript, ulong>(new LoadScript(JournalScript.Read.Text, Keys.Slot), token).ConfigureAwait(false);
                    return await _client.SendAsync<ScriptCall<TreeReply, RespValue>, RespValue>(call, token).ConfigureAwait(false);
                }
            },
            cancellationToken).ConfigureAwait(false);
        return reply.IsNull ? null : [.. reply.Items.Select(StoredRecords.OfEntry)];
    }

    /// <summary>A connection for waits.</summary>
    public ValueTask<RespSession> ConnectAsync() => _client.OpenSessionAsync(Keys.Slot);

    public TimeSpan CommandTimeout => _options.Connection.CommandTimeout;

    public ValueTask DisposeAsync() => _lead.EndAsync(EndAsync);

    /// <summary>Ends as a process that is killed: nothing is given back.</summary>
    public Task AbandonAsync() => _lead.AbandonAsync(EndAsync);

    private async Task EndAsync()
    {
        await _lane.DisposeAsync().ConfigureAwait(false);
        await _client.DisposeAsync().ConfigureAwait(false);
    }
}
