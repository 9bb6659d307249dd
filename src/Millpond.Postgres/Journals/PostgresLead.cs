using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.Postgres.Journals;

/// <summary>
/// The right to flush, held by a lease that is kept by the database's clock and a token that every step of the lead brings with it. The lease says when another may lead; what the steps are refused by is the token.
/// </summary>
internal sealed class PostgresLead(PostgresJournal journal, string holder, TimeSpan leadTime, Surroundings surroundings) : IJournalLead
{
    private const int ReasonCharactersMax = 1000;

    // How many signs of life a lease has time for.
    private const int SignsOfLife = 3;

    // How soon what another process appended is seen. A notice would make all commits of the database that have one follow each other.
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ended = new();
    private ITimer? _runsOut;
    private long _acknowledged;
    private int _isOver;

    public string Identity { get; private set; } = "";

    public long Token { get; private set; }

    public long Acknowledged => Volatile.Read(ref _acknowledged);

    public CancellationToken Lost => _lost.Token;

    private JournalTable Table => journal.Table;

    public async Task<bool> TryTakeAsync(CancellationToken stop)
    {
        await journal.LookAsync(stop).ConfigureAwait(false);
        var asked = surroundings.Now;
        var taken = await journal.RowsAsync([(Table.Take, [holder, leadTime.TotalSeconds])], row => (Token: row.GetInt64(0), Acknowledged: row.GetInt64(1)), stop).ConfigureAwait(false);
        if (taken is [])
        {
            return false;
        }

        (Identity, Token, _acknowledged) = (journal.Stand.Identity, taken[0].Token, taken[0].Acknowledged);
        _runsOut = surroundings.NewTimer(static lead => ((PostgresLead)lead!).Lose(), this, Left(asked));
        return true;
    }

    /// <summary>Gives signs of life from here on.</summary>
    public void Keep() => surroundings.RunAside(KeepAsync);

    public async ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(long after, int recordsMax, CancellationToken cancellationToken) =>
        await journal.RowsAsync([(Table.Read, [after, (long)recordsMax])], JournalStand.RecordOf, cancellationToken).ConfigureAwait(false);

    public async ValueTask WaitAsync(long after, CancellationToken cancellationToken)
    {
        while (!(await journal.RowsAsync([(Table.IsMore, [after])], row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false))[0])
        {
            await surroundings.Delay(PollPeriod, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask AcknowledgeAsync(long through, CancellationToken cancellationToken) => await StepAsync(Table.Acknowledge, [through], cancellationToken).ConfigureAwait(false);

    public async ValueTask BuryAsync(IReadOnlyList<JournalRecord> records, string reason, CancellationToken cancellationToken) => await StepAsync(
        Table.Bury, [reason.Length > ReasonCharactersMax ? reason[..ReasonCharactersMax] : reason, records.Select(record => record.Position).ToArray()], cancellationToken).ConfigureAwait(false);

    public async ValueTask RemoveAsync(string key, long through, CancellationToken cancellationToken) => await StepAsync(Table.Remove, [key, through], cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        if (TryEnd())
        {
            try
            {
                await journal.RowsAsync([(Table.Give, [Token, holder])], row => 0, CancellationToken.None).ConfigureAwait(false);
            }
            catch (JournalException)
            {
                // Then it runs out.
            }
        }
    }

    /// <summary>Gives no more signs of life, and does not give it back.</summary>
    public void Abandon() => TryEnd();

    private async Task StepAsync(string step, object[] parameters, CancellationToken stop)
    {
        if (Volatile.Read(ref _isOver) == 0)
        {
            var made = await journal.RowsAsync([(Table.LockHead, []), (step, [Token, holder, .. parameters])], row => (Stand: JournalStand.Of(row), Acknowledged: row.GetInt64(6)), stop).ConfigureAwait(false);
            if (made is [var one])
            {
                journal.Heard(one.Stand);
                Volatile.Write(ref _acknowledged, one.Acknowledged);
                return;
            }

            Lose();
        }

        throw new JournalException(JournalFailure.LeadLost, $"The lead with token {Token} is lost, or was given back; it flushes nothing any more.");
    }

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
                    if (await journal.RowsAsync([(Table.Keep, [Token, holder, leadTime.TotalSeconds])], row => row.GetInt64(0), _ended.Token).ConfigureAwait(false) is [])
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
        catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
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
