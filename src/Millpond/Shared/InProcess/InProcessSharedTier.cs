using System.Collections.Concurrent;
using Millpond.Runtime;

namespace Millpond.Shared.InProcess;

/// <summary>
/// The shared tier inside this process: the embedded default, and the reference that says what the contract means. By default it only
/// coordinates and holds no values. Everything but a wait for a lease completes before the call returns, and a caller who makes a change
/// finds every sink of this process already told.
/// </summary>
/// <remarks>
/// A partition has one lock, held for a few dictionary steps and never while anything of the caller's runs. Under simulated time and chance a run
/// repeats exactly: nothing here starts work aside, and no choice depends on the order of a hash table.
/// </remarks>
public sealed class InProcessSharedTier : ISharedTier
{
    private readonly InProcessSharedTierOptions _options;
    private readonly InProcessRules _rules;
    private readonly Surroundings _surroundings;
    private readonly Budget _budget;
    private readonly ConcurrentDictionary<PartitionId, InProcessPartition> _partitions = new();
    private readonly Lock _adding = new();
    private PartitionId[] _inOrder = [];

    /// <summary>Creates a tier with an incarnation of its own.</summary>
    /// <param name="options">What it keeps; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit is negative, or zero where one is needed.</exception>
    public InProcessSharedTier(InProcessSharedTierOptions? options = null)
        : this(options, Surroundings.Real)
    {
    }

    internal InProcessSharedTier(InProcessSharedTierOptions? options, Surroundings surroundings, InProcessRules? rules = null)
    {
        _options = (options ?? new InProcessSharedTierOptions()).Checked();
        _rules = rules ?? InProcessRules.Sound;
        _surroundings = surroundings;
        _budget = new Budget(_options.PayloadBytesMax);
        Capabilities = new SharedTierCapabilities
        {
            Product = "in process",
            HoldsValues = _options.PayloadBytesMax > 0,
            PushIsLossless = true,
            PartitionsPerKeyspace = _options.PartitionsPerKeyspace,
            RecordBytesMax = _options.PayloadBytesMax > 0 ? _options.PayloadBytesMax : long.MaxValue,
        };
    }

    /// <inheritdoc/>
    public SharedTierCapabilities Capabilities { get; }

    /// <summary>What the records weigh now, in bytes.</summary>
    internal long Bytes => _budget.Bytes;

    internal int RecordCount => _inOrder.Sum(id => _partitions[id].RecordCount);

    internal int CounterCount => _inOrder.Sum(id => _partitions[id].CounterCount);

    /// <inheritdoc/>
    public ValueTask ConnectAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : default;

    /// <inheritdoc/>
    public ValueTask<ReadReply> ReadAsync(SharedKey key, LeaseAsk? ask, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<ReadReply>(cancellationToken)
            : new(Of(key.Partition).Read(key.Text, ask));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ReadReply>> ReadManyAsync(
        IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken)
    {
        if (asks.Count != 0 && asks.Count != keys.Count)
            throw new ArgumentException($"{asks.Count} asks for {keys.Count} keys; there must be one for each key, or none.", nameof(asks));
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<IReadOnlyList<ReadReply>>(cancellationToken);
        var replies = new ReadReply[keys.Count];
        for (int i = 0; i < replies.Length; i++)
            replies[i] = Of(keys[i].Partition).Read(keys[i].Text, asks.Count == 0 ? null : asks[i]);
        return new(replies);
    }

    /// <inheritdoc/>
    public ValueTask<LeaseReply> AcquireAsync(SharedKey key, LeaseAsk ask, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<LeaseReply>(cancellationToken)
            : new(Of(key.Partition).Acquire(key.Text, ask));

    /// <inheritdoc/>
    public ValueTask<FillReply> FillAsync(Fill fill, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<FillReply>(cancellationToken) : new(Fill(fill));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<FillReply>> FillManyAsync(IReadOnlyList<Fill> fills, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<IReadOnlyList<FillReply>>(cancellationToken);
        var replies = new FillReply[fills.Count];
        for (int i = 0; i < replies.Length; i++)
            replies[i] = Fill(fills[i]);
        return new(replies);
    }

    /// <inheritdoc/>
    public ValueTask<ChangeReply> PutAsync(SharedKey key, SharedRecord record, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ChangeReply>(cancellationToken);
        ChangeReply reply = Of(key.Partition).Put(key.Text, Encoded(record));
        EvictDownToLimit();
        return new(reply);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(SharedKey key, Nonce nonce, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        Of(key.Partition).Release(key.Text, nonce);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask<ChangeReply> ChangeAsync(PartitionId partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<ChangeReply>(cancellationToken)
            : new(Of(partition).Apply(changes));

    /// <inheritdoc/>
    public ValueTask<ControlReply> ReadControlAsync(
        PartitionId partition, long since, Incarnation incarnation, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<ControlReply>(cancellationToken)
            : new(Of(partition).ReadControl(since, incarnation));

    /// <inheritdoc/>
    public ValueTask WaitAsync(SharedKey key, TimeSpan patience, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled(cancellationToken)
            : Of(key.Partition).WaitAsync(key.Text, patience, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<CounterReply> CountAsync(SharedKey key, CounterAsk ask, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<CounterReply>(cancellationToken);
        return Of(key.Partition).Count(key.Text, ask) is { } reply
            ? new(reply)
            : throw new SharedTierException($"Adding {ask.Delta} takes a counter beyond 64 bits; it keeps its value. Count in larger units.");
    }

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> SubscribeAsync(PartitionId partition, IPushSink sink, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<IAsyncDisposable>(cancellationToken)
            : new(Of(partition).Subscribe(sink));

    internal bool Evict(SharedKey key) => Of(key.Partition).Evict(key.Text);

    /// <summary>Evicts one record of a partition drawn by weight; false if there is none.</summary>
    internal bool EvictRandom() => DrawByWeight() is { } partition && partition.EvictOne();

    internal InProcessSnapshot Snapshot() => new(_inOrder.ToDictionary(id => id, id => _partitions[id].Snapshot()));

    /// <summary>Begins another life with nothing in it.</summary>
    internal void RestartEmpty() => Restart(null);

    /// <summary>Begins another life with what was there when the snapshot was taken.</summary>
    internal void RestartFrom(InProcessSnapshot snapshot) => Restart(snapshot);

    private void Restart(InProcessSnapshot? snapshot)
    {
        foreach (PartitionId id in _inOrder)
            _partitions[id].Restart(snapshot?.Partitions.GetValueOrDefault(id));
    }

    private FillReply Fill(in Fill fill)
    {
        FillReply reply = Of(fill.Key.Partition).Fill(fill.Key.Text, fill.Nonce, fill.Record.Incarnation, Encoded(fill.Record), fill.SinceGrant);
        EvictDownToLimit();
        return reply;
    }

    private StoredValue? Encoded(SharedRecord record) => Capabilities.HoldsValues ? new StoredValue(record) : null;

    /// <summary>Outside every partition's lock, because the record to go may be another partition's.</summary>
    private void EvictDownToLimit()
    {
        while (_budget.IsOver && EvictRandom())
        {
        }
    }

    private InProcessPartition? DrawByWeight()
    {
        PartitionId[] ids = Volatile.Read(ref _inOrder);
        double drawn = _surroundings.NextDouble() * _budget.Bytes;
        InProcessPartition? last = null;
        foreach (PartitionId id in ids)
        {
            InProcessPartition partition = _partitions[id];
            if (partition.Bytes == 0)
                continue;
            last = partition;
            drawn -= partition.Bytes;
            if (drawn < 0)
                break;
        }

        return last;
    }

    private InProcessPartition Of(PartitionId id) => _partitions.TryGetValue(id, out InProcessPartition? known) ? known : Add(id);

    private InProcessPartition Add(PartitionId id)
    {
        if (id.Index < 0 || id.Index >= _options.PartitionsPerKeyspace)
            throw new ArgumentOutOfRangeException(nameof(id), $"{id} is beyond the {_options.PartitionsPerKeyspace} partitions of a keyspace.");
        lock (_adding)
        {
            if (_partitions.TryGetValue(id, out InProcessPartition? known))
                return known;
            var added = new InProcessPartition(id, _options, _rules, _surroundings, _budget);
            _partitions[id] = added;
            Volatile.Write(ref _inOrder, [.. _inOrder, id]);
            return added;
        }
    }
}
