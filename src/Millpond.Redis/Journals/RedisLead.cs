using Millpond.Journals;
using Millpond.Redis.Requests;
using Millpond.Runtime;

namespace Millpond.Redis.Journals;

/// <summary>
/// The right to flush, held by a lease that is kept by the engine's clock and a token that every step of the lead brings with it. The lease says when another may lead; what the steps are refused by is the token.
/// </summary>
internal sealed class RedisLead(RedisJournal journal, string holder, TimeSpan leadTime, TrailOptions? trail, Surroundings surroundings) : ILeasedLead
{
    // A step holds up everybody on the engine for as long as it takes.
    private const int RecordsAtOnce = 500;

    private readonly LeadLease _lease = new(leadTime, surroundings);
    private readonly RecordWatch _watch = new(journal, surroundings);
    private readonly ReadOnlyMemory<byte> _holder = Argument.Of(holder);
    private readonly ReadOnlyMemory<byte>[] _trail = [Argument.Of((long)(trail?.AgeMax.TotalMilliseconds ?? 0)), Argument.Of(trail?.BytesMax ?? 0)];
    private long _acknowledged;

    public string Identity { get; private set; } = "";

    public long Token { get; private set; }

    public long Acknowledged => Volatile.Read(ref _acknowledged);

    public CancellationToken Lost => _lease.Lost;

    public async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        var asked = surroundings.Now;
        var stand = await TellAsync("take", cancellationToken).ConfigureAwait(false);
        if (stand.Status != "ok")
        {
            return false;
        }

        (Identity, Token, _acknowledged) = (stand.Identity, stand.Token, stand.Acknowledged);
        _lease.Begin(asked);
        return true;
    }

    public void Keep() => _lease.Keep(async ended => (await TellAsync("keep", ended).ConfigureAwait(false)).Status == "ok");

    public async ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(long after, int recordsMax, CancellationToken cancellationToken)
    {
        var found = new List<JournalRecord>(Math.Min(recordsMax, RecordsAtOnce));
        while (found.Count < recordsMax)
        {
            var asked = Math.Min(recordsMax - found.Count, RecordsAtOnce);
            var entries = await journal.EntriesAsync(Identity, found.Count == 0 ? after : found[^1].Position, asked, cancellationToken).ConfigureAwait(false);
            if (entries is null)
            {
                _lease.Lose();
                throw LeadLease.Over(Token);
            }

            found.AddRange(entries);
            if (entries.Count < asked)
            {
                break;
            }
        }

        return found;
    }

    public ValueTask WaitAsync(long after, CancellationToken cancellationToken) => _watch.WaitAsync(after, cancellationToken);

    public async ValueTask AcknowledgeAsync(long through, CancellationToken cancellationToken)
    {
        JournalStand stand;
        do
        {
            stand = await StepAsync(JournalScript.Acknowledge, StepEffect.Passing, [Argument.Of(through), Argument.Of(RecordsAtOnce)], cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _acknowledged, stand.Acknowledged);
        }
        while (stand.Acknowledged < Math.Min(through, stand.Last));
    }

    public async ValueTask BuryAsync(IReadOnlyList<JournalRecord> records, string reason, CancellationToken cancellationToken)
    {
        await StepAsync(JournalScript.Bury, StepEffect.Durable, [Argument.Of(DeadLetter.Short(reason)), .. records.Select(record => Argument.Of(record.Position))], cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask RemoveAsync(string key, long through, Settlement settlement, CancellationToken cancellationToken) =>
        await StepAsync(JournalScript.Remove, StepEffect.Durable, [Argument.Of(key), Argument.Of(through), Argument.Of((long)settlement)], cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        if (_lease.TryEnd())
        {
            try
            {
                await TellAsync("give", CancellationToken.None).ConfigureAwait(false);
            }
            catch (JournalException)
            {
                // Then it runs out.
            }
        }

        await _watch.DisposeAsync().ConfigureAwait(false);
    }

    public void Abandon() => _lease.Dispose();

    private async Task<JournalStand> StepAsync(JournalScript script, StepEffect effect, ReadOnlyMemory<byte>[] arguments, CancellationToken cancellationToken)
    {
        if (!_lease.IsOver)
        {
            var stand = await journal.AskAsync(script, effect, [Argument.Of(Token), _holder, .. _trail, .. arguments], cancellationToken).ConfigureAwait(false);
            if (stand.Status == "ok")
            {
                return stand;
            }

            _lease.Lose();
        }

        throw LeadLease.Over(Token);
    }

    private Task<JournalStand> TellAsync(string what, CancellationToken cancellationToken) => journal.AskAsync(
        JournalScript.Lead, StepEffect.Passing, [Argument.Of(what), Argument.Of((long)leadTime.TotalMilliseconds), .. _trail, Argument.Of(Token), _holder], cancellationToken);
}
