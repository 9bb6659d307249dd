using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.Sim.Behind.Journals;

/// <summary>The right to flush, held by a lease that signs of life extend, and by a token that every step brings with it.</summary>
internal sealed class LinkedLead(LinkedJournal journal, JournalServer server, object holder, JournalGrant grant, Surroundings surroundings) : IJournalLead
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private ITimer? _runsOut;

    public string Identity => grant.Identity;

    public long Token => grant.Token;

    public long Acknowledged { get; private set; } = grant.Acknowledged;

    public CancellationToken Lost => _lost.Token;

    public ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(long after, int recordsMax, CancellationToken cancellationToken) => journal.AskAsync(() => server.Read(Identity, after, recordsMax), cancellationToken);

    public async ValueTask WaitAsync(long after, CancellationToken cancellationToken)
    {
        while (!await journal.AskAsync(() => server.HasAfter(after), cancellationToken).ConfigureAwait(false))
            await surroundings.Delay(LookPeriod, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask AcknowledgeAsync(long through, CancellationToken cancellationToken) =>
        Acknowledged = await journal.AskAsync(() => server.Acknowledge(holder, Token, through), cancellationToken).ConfigureAwait(false);

    public async ValueTask BuryAsync(IReadOnlyList<JournalRecord> records, string reason, CancellationToken cancellationToken) =>
        await journal.AskAsync(() => server.Bury(holder, Token, records, reason), cancellationToken).ConfigureAwait(false);

    public async ValueTask RemoveAsync(string key, long through, Settlement settlement, CancellationToken cancellationToken) =>
        await journal.AskAsync(() => server.Remove(holder, Token, key, through, settlement), cancellationToken).ConfigureAwait(false);

    public void Keep(long asked, TimeSpan time)
    {
        _runsOut = surroundings.NewTimer(static lead => ((LinkedLead)lead!)._lost.Cancel(), this, Left(asked, time));
        surroundings.RunAside(() => KeepAsync(time));
    }

    public async ValueTask DisposeAsync()
    {
        if (_ended.IsCancellationRequested)
            return;
        _ended.Cancel();
        _runsOut?.Dispose();
        try
        {
            await journal.AskAsync(() => server.Give(holder, Token), CancellationToken.None).ConfigureAwait(false);
        }
        catch (JournalException)
        {
            // Then it runs out.
        }
    }

    private async Task KeepAsync(TimeSpan time)
    {
        try
        {
            while (true)
            {
                await surroundings.Delay(time / 3, _ended.Token).ConfigureAwait(false);
                var asked = surroundings.Now;
                try
                {
                    if (!await journal.AskAsync(() => server.Renew(holder, Token, time.Ticks), _ended.Token).ConfigureAwait(false))
                    {
                        _lost.Cancel();
                        return;
                    }

                    _runsOut?.Change(Left(asked, time), Timeout.InfiniteTimeSpan);
                }
                catch (JournalException)
                {
                    // Another sign of life may be heard before the time is over.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }
    }

    private TimeSpan Left(long asked, TimeSpan time)
    {
        var left = time - TimeSpan.FromTicks(surroundings.Now - asked);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
