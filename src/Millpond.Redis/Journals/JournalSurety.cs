using Millpond.Journals;
using Millpond.Resp;

namespace Millpond.Redis.Journals;

/// <summary>
/// Finds out whether a server keeps what an acknowledgement promises, and says what has to be waited for. Asked on every connection that appends, since another server may be set up otherwise.
/// </summary>
/// <remarks>With <c>appendfsync always</c> a reply is not sent before the disk has what it speaks of, so nothing more is asked. Elsewhere WAITAOF asks for it, on engines that have it.</remarks>
internal sealed class JournalSurety(RedisJournalOptions options)
{
    // For the rest of a command's time the engine's answer is on its way.
    private const double WaitPart = 0.75;

    private static readonly Version WithWaitAof = new(7, 2);

    private long WaitMilliseconds => (long)(options.Connection.CommandTimeout.TotalMilliseconds * WaitPart);

    /// <summary>What has to follow appends on their connection, and be answered with enough, before they are acknowledged.</summary>
    /// <exception cref="JournalException">The server does not keep what was asked for.</exception>
    public async Task<IReadOnlyList<Confirmation>> FindAsync(RespSession session)
    {
        var server = session.Server;
        var told = await Task.WhenAll(InformationAsync(session, "persistence"), InformationAsync(session, "replication"), InformationAsync(session, "memory")).ConfigureAwait(false);
        var facts = told.SelectMany(section => section).GroupBy(fact => fact.Name, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.First().Value, StringComparer.Ordinal);
        List<string> faults = [];
        if (server.Product == RespProduct.Garnet)
        {
            faults.Add("it is Garnet, which has no streams and does not tell whether its scripts are isolated");
        }

        if (server.RunId is null)
        {
            faults.Add("it does not say who it is, so a restart that loses writes would not be noticed; allow the login '+info'");
        }

        if (facts.GetValueOrDefault("maxmemory", "0") != "0" && facts.GetValueOrDefault("maxmemory_policy", "").StartsWith("allkeys", StringComparison.Ordinal))
        {
            faults.Add($"when its memory is full it evicts anything (maxmemory-policy {facts["maxmemory_policy"]}), and so acknowledged writes; give journals an engine with noeviction, or a volatile policy");
        }

        List<Confirmation> confirmations = [];
        if (options.Asks(JournalSurvival.PowerLoss) && await IsWrittenLateAsync(session, facts, faults).ConfigureAwait(false))
        {
            confirmations.Add(new Confirmation(new RespCommand("WAITAOF", 1, 0, WaitMilliseconds), 1, "its own disk"));
        }

        if (options.Asks(JournalSurvival.MachineLoss))
        {
            _ = int.TryParse(facts.GetValueOrDefault("connected_slaves"), out var replicas);
            if (replicas < options.Replicas)
            {
                faults.Add($"{replicas} replicas follow it, and {options.Replicas} must have every write ({nameof(RedisJournalOptions.Replicas)})");
            }

            confirmations.Add(new Confirmation(new RespCommand("WAIT", options.Replicas, WaitMilliseconds), options.Replicas, "replicas"));
        }

        return faults.Count == 0 ? confirmations
            : throw new JournalException(JournalFailure.Unfit, $"The engine at {server.Node} cannot keep the journal '{options.Name}': {string.Join("; ", faults)}. Set the engine up for what {nameof(options.Survives)} asks ({options.Survives}), or ask for less.");
    }

    private static async Task<bool> IsWrittenLateAsync(RespSession session, Dictionary<string, string> facts, List<string> faults)
    {
        if (facts.GetValueOrDefault("aof_enabled") != "1")
        {
            faults.Add("it writes no append-only file (appendonly is not 'yes'), so its own end would lose writes");
            return false;
        }

        string? policy = null;
        try
        {
            policy = (await session.ExecuteAsync("CONFIG", "GET", "appendfsync").ConfigureAwait(false)).Find("appendfsync")?.Text;
        }
        catch (RespServerException)
        {
            // This login may not look.
        }

        if (policy == "always")
        {
            return false;
        }

        if (session.Server.Product is not (RespProduct.Redis or RespProduct.Valkey) || session.Server.Version < WithWaitAof)
        {
            faults.Add(policy is null ? "this login may not look how the append-only file is written ('+config|get'), and the engine has no WAITAOF"
                : $"it acknowledges before its disk has the write (appendfsync is '{policy}', not 'always'), and has no WAITAOF");
        }

        return true;
    }

    private static async Task<IEnumerable<(string Name, string Value)>> InformationAsync(RespSession session, string section)
    {
        try
        {
            var text = (await session.ExecuteAsync("INFO", section).ConfigureAwait(false)).Text ?? "";
            return text.Split('\n', StringSplitOptions.TrimEntries).Select(line => line.Split(':', 2)).Where(parts => parts.Length == 2).Select(parts => (parts[0], parts[1]));
        }
        catch (RespServerException)
        {
            // What is not told is not relied on.
            return [];
        }
    }
}

/// <summary>What is sent behind appends, and the answer that makes them durable.</summary>
/// <param name="Command">The command.</param>
/// <param name="Least">The least that must be answered; WAITAOF answers first for the server's own disk.</param>
/// <param name="Who">Who has to have the write.</param>
internal sealed record Confirmation(RespCommand Command, int Least, string Who)
{
    public bool IsGivenBy(RespValue reply) => (reply.Items.Count > 0 ? reply.Items[0] : reply).Integer >= Least;
}
