using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.Postgres.Journals;

/// <summary>
/// The right to flush, held by a lease that is kept by the database's clock and a token that every step of the lead brings with it. The lease says when another may lead; what the steps are refused by is the token.
/// </summary>
internal sealed class PostgresLead(PostgresJournal journal, string holder, TimeSpan leadTime, Surroundings surroundings) : ILeasedLead
{
    // How soon what another process appended is seen. A notice would make all commits of the database that have one follow each other.
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(50);

    private readonly LeadLease _lease = new(leadTime, surroundings);
    private TrailPruning? _pruning;
    private long _acknowledged;

    public string Identity { get; private set; } = "";

    public long Token { get; private set; }

    public long Acknowledged => Volatile.Read(ref _acknowledged);

    public CancellationToken Lost => _lease.Lost;

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
        _lease.Begin(asked);
        if (journal.Trail is { Options: var trail })
        {
            _pruning = new TrailPruning(
                async (most, ended) => (await journal.RowsAsync([(Table.Trail.Prune, [Token, holder, trail.AgeMax, trail.BytesMax, (long)most])], row => row.GetInt64(0), ended).ConfigureAwait(false))[0], surroundings);
        }

        return true;
    }

    public void Keep() => _lease.Keep(async ended =>
    {
        // Where nothing is settled, what is kept grows old all the same.
        _pruning?.Begin();
        return await journal.RowsAsync([(JournalTable.Passing, []), (Table.Keep, [Token, holder, leadTime.TotalSeconds])], row => row.GetInt64(0), ended).ConfigureAwait(false) is not [];
    });

    public async ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(long after, int recordsMax, CancellationToken cancellationToken)
    {
        var rows = await journal.RowsAsync([(Table.Read, [after, (long)recordsMax])], row => (Record: JournalStand.RecordOf(row), Identity: row.GetString(6)), cancellationToken).ConfigureAwait(false);
        if (rows.Exists(row => row.Identity != Identity))
        {
            // Another journal has taken this one's place, and its positions are not this one's.
            _lease.Lose();
            throw LeadLease.Over(Token);
        }

        return rows.ConvertAll(row => row.Record);
    }

    public async ValueTask WaitAsync(long after, CancellationToken cancellationToken)
    {
        while (!(await journal.RowsAsync([(Table.IsMore, [after])], row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false))[0])
        {
            await surroundings.Delay(PollPeriod, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask AcknowledgeAsync(long through, CancellationToken cancellationToken)
    {
        // What a page of a trail has shown must not come back under another number.
        await StepAsync(Table.HasTrail ? [] : [(JournalTable.Passing, [])], Table.Acknowledge, [through], cancellationToken).ConfigureAwait(false);
        _pruning?.Begin();
    }

    public async ValueTask BuryAsync(IReadOnlyList<JournalRecord> records, string reason, CancellationToken cancellationToken) => await StepAsync(
        [], Table.Bury, [DeadLetter.Short(reason), records.Select(record => record.Position).ToArray()], cancellationToken).ConfigureAwait(false);

    public async ValueTask RemoveAsync(string key, long through, Settlement settlement, CancellationToken cancellationToken) =>
        await StepAsync([], Table.Remove, Table.HasTrail ? [key, through, (short)settlement] : [key, through], cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        _pruning?.Dispose();
        if (_lease.TryEnd())
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

    public void Abandon()
    {
        _pruning?.Dispose();
        _lease.Dispose();
    }

    private async Task StepAsync((string Sql, object[] Parameters)[] before, string step, object[] parameters, CancellationToken stop)
    {
        if (!_lease.IsOver)
        {
            var asked = journal.Stand;
            var made = await journal.RowsAsync([.. before, (Table.LockHead, []), (step, [Token, holder, .. parameters])], row => (Stand: JournalStand.Of(row), Acknowledged: row.GetInt64(7)), stop).ConfigureAwait(false);
            if (made is [var one])
            {
                journal.Heard(one.Stand, asked);
                Volatile.Write(ref _acknowledged, one.Acknowledged);
                return;
            }

            _lease.Lose();
        }

        throw LeadLease.Over(Token);
    }
}
