using Millpond.Journals;
using Millpond.Redis.Requests;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Redis.Journals;

/// <summary>
/// The right to flush, held by a lease that is kept by the engine's clock and a token that every step of the lead brings with it. The lease says when another may lead; what the steps are refused by is the token.
/// </summary>
internal sealed class RedisLead(RedisJournal journal, string holder, TimeSpan leadTime, Surroundings surroundings) : IJournalLead
{
    private const int ReasonCharactersMax = 1000;

    // A step holds up everybody on the engine for as long as it takes.
    private const int AcknowledgedAtOnce = 500;

    // How many signs of life a lease has time for.
    private const int SignsOfLife = 3;

    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly RecordWatch _watch = new(journal, surroundings);
    private readonly ReadOnlyMemory<byte> _holder = Argument.Of(holder);
    private ITimer? _runsOut;
    private long _acknowledged;
    private int _isOver;

    public string Identity { get; private set; } = "";

    public long Token { get; private set; }

    public long Acknowledged => Volatile.Read(ref _acknowledged);

    public CancellationToken Lost => _lost.Token;

    public async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        var asked = surroundings.Now;
        var stand = await TellAsync("take", cancellationToken).ConfigureAwait(false);
        if (stand.Status != "ok")
        {
            return false;
        }

        (Identity, Token, _acknowledged) = (stand.Identity, stand.Token, stand.Acknowledged);
        _runsOut = surroundings.NewTimer(static lead => ((RedisLead)lead!).Lose(), this, Left(asked));
        return true;
    }

    /// <summary>Gives signs of life from here on.</summary>
    public void Keep() => surroundings.RunAside(KeepAsync);

    public async ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(long after, int recordsMax, CancellationToken cancellationToken)
    {
        var command = new RespCommand("XRANGE", journal.Keys.Records, $"{after + 1}-0", "+", "COUNT", recordsMax) { Traits = RespTraits.Idempotent | RespTraits.Large };
        return [.. (await journal.LookAsync(command, cancellationToken).ConfigureAwait(false)).Items.Select(StoredRecords.OfEntry)];
    }

    public ValueTask WaitAsync(long after, CancellationToken cancellationToken) => _watch.WaitAsync(after, cancellationToken);

    public async ValueTask AcknowledgeAsync(long through, CancellationToken cancellationToken)
    {
        JournalStand stand;
        do
        {
            stand = await StepAsync(JournalScript.Acknowledge, StepEffect.Passing, [Argument.Of(through), Argument.Of(AcknowledgedAtOnce)], cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _acknowledged, stand.Acknowledged);
        }
        while (stand.Acknowledged < Math.Min(through, stand.Last));
    }

    public async ValueTask BuryAsync(IReadOnlyList<JournalRecord> records, string reason, CancellationToken cancellationToken)
    {
        var kept = reason.Length > ReasonCharactersMax ? reason[..ReasonCharactersMax] : reason;
        await StepAsync(JournalScript.Bury, StepEffect.Durable, [Argument.Of(kept), .. records.Select(record => Argument.Of(record.Position))], cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask RemoveAsync(string key, long through, CancellationToken cancellationToken) =>
        await StepAsync(JournalScript.Remove, StepEffect.Durable, [Argument.Of(key), Argument.Of(through)], cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        if (TryEnd())
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

    /// <summary>Gives no more signs of life, and does not give it back.</summary>
    public void Abandon() => TryEnd();

    private async Task<JournalStand> StepAsync(JournalScript script, StepEffect effect, ReadOnlyMemory<byte>[] arguments, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isOver) == 0)
        {
            var stand = await journal.AskAsync(script, effect, [Argument.Of(Token), _holder, .. arguments], cancellationToken).ConfigureAwait(false);
            if (stand.Status == "ok")
            {
                return stand;
            }

            Lose();
        }

        throw new JournalException(JournalFailure.LeadLost, $"The lead with token {Token} is lost, or was given back; it flushes nothing any more.");
    }

    private Task<JournalStand> TellAsync(string what, CancellationToken cancellationToken) => journal.AskAsync(
        JournalScript.Lead, StepEffect.Passing, [Argument.Of(what), Argument.Of(Token), _holder, Argument.Of((long)leadTime.TotalMilliseconds)], cancellationToken);

    private async Task KeepAsync()
    {
        try
        {
            while (true)
            {
                await surroundings.Delay(leadTime / SignsOfLife, _ended.Token).ConfigureAwait(false);
                var asked = surroundings.Now;
                try
                {
                    if ((await TellAsync("keep", _ended.Token).ConfigureAwait(false)).Status != "ok")
                    {
                        Lose();
                        return;
                    }

                    _runsOut?.Change(Left(asked), Timeout.InfiniteTimeSpan);
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

    // Counted from when it was asked for, so it is over here before it is over there.
    private TimeSpan Left(long asked)
    {
        var left = leadTime - TimeSpan.FromTicks(surroundings.Now - asked);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void Lose()
    {
        if (TryEnd())
        {
            _lost.Cancel();
        }
    }

    private bool TryEnd()
    {
        if (Interlocked.Exchange(ref _isOver, 1) != 0)
        {
            return false;
        }

        _ended.Cancel();
        _runsOut?.Dispose();
        return true;
    }
}
