using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.Sim.Behind.Journals;

/// <summary>A journal as one process sees it: every step a message there and one back. What is sent is copied first, because it may arrive long after its sender gave up.</summary>
internal sealed class LinkedJournal(JournalServer server, StoreWire wire, Life life, JournalCapabilities capabilities, Surroundings surroundings) : IWriteJournal
{
    private static readonly TimeSpan LeadTime = TimeSpan.FromSeconds(1);

    private JournalDepth _depth;
    private LinkedLead? _lead;

    public JournalCapabilities Capabilities => capabilities;

    /// <summary>As last heard.</summary>
    public JournalDepth Depth => _depth;

    /// <summary>A disk's holder is the process that has it open; it loses it with its life, and not by being slow.</summary>
    private long LeadTicks => capabilities.Reach == JournalReach.Process ? long.MaxValue : LeadTime.Ticks;

    public async ValueTask OpenAsync(string keyspace, CancellationToken cancellationToken) => await AskAsync(() => true, cancellationToken).ConfigureAwait(false);

    public ValueTask<long> AppendAsync(IReadOnlyList<JournalWrite> writes, CancellationToken cancellationToken)
    {
        JournalWrite[] sent = [.. writes.Select(write => write with { Value = write.Value.ToArray() })];
        return AskAsync(() => server.Append(sent, life), cancellationToken);
    }

    public ValueTask<JournalRecord?> FindPendingAsync(string key, CancellationToken cancellationToken) => AskAsync(() => server.Find(key), cancellationToken);

    public ValueTask<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(long after, int lettersMax, CancellationToken cancellationToken) => AskAsync(() => server.DeadLetters(after, lettersMax), cancellationToken);

    public async ValueTask<IJournalLead?> TryLeadAsync(CancellationToken cancellationToken)
    {
        var asked = surroundings.Now;
        var holder = capabilities.Reach == JournalReach.Process ? life : new object();
        if (await AskAsync(() => server.TryLead(holder, LeadTicks), cancellationToken).ConfigureAwait(false) is not { } grant)
            return null;
        _lead = new LinkedLead(this, server, holder, grant, surroundings);
        if (LeadTicks != long.MaxValue)
            _lead.Keep(asked, LeadTime);
        return _lead;
    }

    public async ValueTask DisposeAsync()
    {
        if (_lead is { } lead)
            await lead.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Asks, and hears by the way how much there is.</summary>
    public async ValueTask<T> AskAsync<T>(Func<T> perform, CancellationToken cancellationToken)
    {
        var (result, depth) = await wire.AskAsync(() => (perform(), server.Depth), cancellationToken).ConfigureAwait(false);
        _depth = depth;
        return result;
    }
}
