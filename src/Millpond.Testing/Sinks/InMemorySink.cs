using Millpond.Journals;
using Millpond.Sinks;

namespace Millpond.Testing.Sinks;

/// <summary>A source in memory that write-behind can flush to, with the ledger that a database would keep: the reference of what the contract of <see cref="IWriteSink{TKey, TValue}"/> means. Shared by all instances of a test.</summary>
/// <typeparam name="TKey">The keyspace's key type.</typeparam>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
public sealed class InMemorySink<TKey, TValue> : IWriteSink<TKey, TValue>
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Keyspace, string Journal, string Lane), long> _lanes = [];
    private readonly Dictionary<(string Keyspace, string Journal), long> _tokens = [];
    private readonly Dictionary<TKey, TValue> _rows = [];
    private readonly Dictionary<TKey, long> _sums = [];
    private readonly List<SinkItem<TKey, TValue>> _history = [];

    /// <summary>What it holds.</summary>
    public IReadOnlyDictionary<TKey, TValue> Rows => _rows;

    /// <summary>What was counted.</summary>
    public IReadOnlyDictionary<TKey, long> Sums => _sums;

    /// <summary>Every item that was applied, in order.</summary>
    public IReadOnlyList<SinkItem<TKey, TValue>> History => _history;

    /// <summary>How many batches were applied.</summary>
    public int Batches { get; private set; }

    /// <summary>Called before a batch reaches the source; it may wait, or throw what a source throws that is away. Null for nothing.</summary>
    public Func<SinkBatch<TKey, TValue>, Task>? BeforeApply { get; set; }

    /// <summary>Called when a batch is committed, before the answer; what it throws is an answer that was lost. Null for nothing.</summary>
    public Func<SinkBatch<TKey, TValue>, Task>? AfterApply { get; set; }

    /// <summary>Which items the source will never take; null for none.</summary>
    public Func<SinkItem<TKey, TValue>, bool>? Refuses { get; set; }

    /// <summary>Told of every item as it is applied; null for nobody.</summary>
    public Action<SinkItem<TKey, TValue>>? Applied { get; set; }

    /// <summary>Whether the ledger decides. Without it a test shows what is lost.</summary>
    public SinkLedger Ledger { get; set; } = SinkLedger.Decides;

    /// <summary>Puts a row there, past write-behind.</summary>
    /// <param name="key">The row.</param>
    /// <param name="value">What it holds.</param>
    public void Put(TKey key, TValue value) => _rows[key] = value;

    /// <inheritdoc/>
    public ValueTask<long> TakeOverAsync(SinkLead lead, string lane, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Ledger == SinkLedger.IsIgnored)
            {
                return new(0);
            }

            var newest = _tokens.GetValueOrDefault((lead.Keyspace, lead.Journal));
            if (newest > lead.Token)
            {
                throw new SinkException(SinkFailure.Fenced, $"token {newest} has taken over from {lead.Token}");
            }

            _tokens[(lead.Keyspace, lead.Journal)] = lead.Token;
            return new(_lanes.GetValueOrDefault((lead.Keyspace, lead.Journal, lane)));
        }
    }

    /// <inheritdoc/>
    public async ValueTask ApplyAsync(SinkBatch<TKey, TValue> batch, CancellationToken cancellationToken)
    {
        if (BeforeApply is { } before)
        {
            await before(batch).ConfigureAwait(false);
        }

        lock (_gate)
        {
            Commit(batch);
        }

        if (AfterApply is { } after)
        {
            await after(batch).ConfigureAwait(false);
        }
    }

    private void Commit(SinkBatch<TKey, TValue> batch)
    {
        var newest = _tokens.GetValueOrDefault((batch.Lead.Keyspace, batch.Lead.Journal));
        var lane = (batch.Lead.Keyspace, batch.Lead.Journal, batch.Lane);
        if (Ledger == SinkLedger.Decides && newest != batch.Lead.Token)
        {
            throw new SinkException(SinkFailure.Fenced, $"token {newest} has taken over from {batch.Lead.Token}");
        }

        if (Ledger == SinkLedger.Decides && _lanes.GetValueOrDefault(lane) != batch.From)
        {
            throw new SinkException(SinkFailure.Fenced, $"the ledger stands at {_lanes.GetValueOrDefault(lane)}, and the batch begins at {batch.From}");
        }

        if (Refuses is { } refuses && batch.Items.Any(refuses))
        {
            throw new SinkException(SinkFailure.Refused, "a constraint of the source in memory");
        }

        foreach (var item in batch.Items)
        {
            Apply(item);
        }

        _lanes[lane] = batch.Through;
        Batches++;
    }

    private void Apply(SinkItem<TKey, TValue> item)
    {
        switch (item.Kind)
        {
            case JournalKind.Set:
                _rows[item.Key] = item.Value!;
                break;
            case JournalKind.Delete:
                _rows.Remove(item.Key);
                break;
            default:
                _sums[item.Key] = _sums.GetValueOrDefault(item.Key) + item.Delta;
                break;
        }

        _history.Add(item);
        Applied?.Invoke(item);
    }
}

/// <summary>What a sink in memory does with its ledger.</summary>
public enum SinkLedger
{
    /// <summary>It refuses what is out of step, as the contract says.</summary>
    Decides,

    /// <summary>Nobody looks at it, as a sink without one.</summary>
    IsIgnored,
}
