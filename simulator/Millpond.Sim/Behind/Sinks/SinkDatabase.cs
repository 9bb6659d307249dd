using Millpond.Journals;
using Millpond.Sim.Behind.Oracles;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Network;
using Millpond.Sim.Oracles;
using Millpond.Sinks;

namespace Millpond.Sim.Behind.Sinks;

/// <summary>The source that is written behind: rows, sums, and the ledger, which one transaction changes together at one instant.</summary>
internal sealed class SinkDatabase(Catalogue catalogue, Accounts accounts, SinkRules rules, Agenda agenda, Dice dice, History history) : IServer
{
    private const double DeadlockProbability = 0.01;

    /// <summary>One write in so many is one that the database will not take while it is strict.</summary>
    private const int StrictAbout = 17;

    private readonly Dictionary<(string Journal, string Lane), long> _ledger = [];
    private readonly Dictionary<string, long> _tokens = [];
    private readonly Dictionary<Item, Row?> _rows = catalogue.All.ToDictionary(item => item, item => item.History.Current);
    private readonly Dictionary<(string Counters, int Key), long> _sums = [];

    public bool IsDown { get; set; }

    public int Slowness { get; set; } = 1;

    /// <summary>Whether it has constraints that some writes do not meet.</summary>
    public bool IsStrict { get; set; }

    public bool Deadlocks { get; set; }

    public long Batches { get; private set; }

    public long Fenced { get; private set; }

    public long RefusedBatches { get; private set; }

    /// <summary>Told of the items that a transaction changed; what a change feed would tell.</summary>
    public Action<IReadOnlyList<Item>>? Committed { get; set; }

    public Row? Row(Item item) => _rows[item];

    public long Sum(string counters, int key) => _sums.GetValueOrDefault((counters, key));

    public long TakeOver(SinkLead lead, string lane)
    {
        CheckToken(lead);
        _tokens[lead.Journal] = lead.Token;
        return rules.Told(_ledger.GetValueOrDefault((lead.Journal, lane)));
    }

    public long ApplyRows(Space space, SinkBatch<int, Row> batch)
    {
        Check(batch, item => item.Value is { Mark: var mark } && mark % StrictAbout == 0);
        List<Item> changed = [];
        foreach (var one in batch.Items)
        {
            var item = catalogue.Of(space.Number, 0, one.Key);
            _rows[item] = one.Kind == JournalKind.Delete ? null : one.Value;
            history.Note(agenda.Now, What.Flushed, -1, item, one.Value?.Mark ?? 0);
            accounts.Of(batch.Lead.Journal).Applied(batch.Lead.Journal, item.Text, one.Kind, one.Value?.Mark ?? 0, 0, one.Position, one.Writes);
            changed.Add(item);
        }

        Committed?.Invoke(changed);
        return End(batch);
    }

    public long ApplySums(string counters, SinkBatch<int, long> batch)
    {
        Check(batch, item => item.Key == 5);
        foreach (var one in batch.Items)
        {
            _sums[(counters, one.Key)] = Sum(counters, one.Key) + one.Delta;
            accounts.Of(batch.Lead.Journal).Applied(batch.Lead.Journal, accounts.CounterText(counters, one.Key), one.Kind, 0, one.Delta, one.Position, one.Writes);
        }

        return End(batch);
    }

    private void Check<TValue>(SinkBatch<int, TValue> batch, Func<SinkItem<int, TValue>, bool> isUnfit)
    {
        history.Note(agenda.Now, What.FlushArrived, -1, null, batch.Through);
        if (Deadlocks && dice.Chance(DeadlockProbability))
            throw new IOException("The simulated database chose this transaction as a deadlock's victim.");
        CheckToken(batch.Lead);
        var ledger = _ledger.GetValueOrDefault((batch.Lead.Journal, batch.Lane));
        if (!rules.Follows(ledger, batch.From))
            throw Fence($"the ledger stands at {ledger}, and the batch begins at {batch.From}");
        if (!IsStrict || !batch.Items.Any(isUnfit))
            return;
        RefusedBatches++;
        history.Note(agenda.Now, What.FlushRefused, -1, null, batch.Through);
        throw new SinkException(SinkFailure.Refused, "a constraint of the simulated database");
    }

    private long End<TValue>(SinkBatch<int, TValue> batch)
    {
        Batches++;
        return _ledger[(batch.Lead.Journal, batch.Lane)] = batch.Through;
    }

    private void CheckToken(SinkLead lead)
    {
        var newest = _tokens.GetValueOrDefault(lead.Journal);
        if (!rules.MayWrite(lead.Token, newest))
            throw Fence($"token {newest} has taken over from {lead.Token}");
    }

    private SinkException Fence(string why)
    {
        Fenced++;
        history.Note(agenda.Now, What.Fenced, -1, null);
        return new(SinkFailure.Fenced, why);
    }
}
