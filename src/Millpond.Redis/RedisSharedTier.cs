using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Millpond.Redis.Layout;
using Millpond.Redis.Probing;
using Millpond.Redis.Reading;
using Millpond.Redis.Runtime;
using Millpond.Redis.Steps;
using Millpond.Resp;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Redis;

/// <summary>
/// The shared tier on Redis, Valkey or Garnet: one node, Sentinel or Cluster. A plain read is one <c>MGET</c> of record and control record; whatever reads, decides and writes is one atomic
/// step (<see cref="IAtomicSteps"/>). docs/redis.md says what each operation costs and how failures are met.
/// </summary>
public sealed class RedisSharedTier : ISharedTier, IAsyncDisposable
{
    // The engine's limit of a string, less our own head.
    private const long RecordBytesMax = (512L << 20) - 4_096;

    private readonly RedisSharedTierOptions _options;
    private readonly Surroundings _surroundings;
    private readonly RespClient _client;
    private readonly Engine _engine;
    private readonly ServerClocks _clocks = new();
    private readonly ConcurrentDictionary<PartitionId, RedisPartition> _partitions = new();
    private SharedTierCapabilities _capabilities;

    /// <summary>Creates a tier. Nothing is connected before it is used or <see cref="ConnectAsync"/> is called.</summary>
    /// <param name="options">Where the engine is and how it is used.</param>
    /// <param name="loggers">Logs connections made and lost; null for none.</param>
    /// <exception cref="MillpondException">The options have faults; the message lists all of them.</exception>
    public RedisSharedTier(RedisSharedTierOptions options, ILoggerFactory? loggers = null)
        : this(options, loggers, Surroundings.Real)
    {
    }

    internal RedisSharedTier(RedisSharedTierOptions options, ILoggerFactory? loggers, Surroundings surroundings)
    {
        (_options, _surroundings) = (options.Checked(), surroundings);
        _client = new RespClient(options.Connection, surroundings.Time, loggers);
        _engine = new Engine(_client, new StepLimits(options.FloorsMax, options.ChangesMax), surroundings);
        _capabilities = new SharedTierCapabilities
        {
            Product = "Redis, Valkey or Garnet (not connected yet)",
            HoldsValues = true,
            PushIsLossless = false,
            HeartbeatPeriod = options.HeartbeatPeriod,
            PartitionsPerKeyspace = options.PartitionCount,
            RecordBytesMax = RecordBytesMax,
        };
    }

    /// <inheritdoc/>
    public SharedTierCapabilities Capabilities => Volatile.Read(ref _capabilities);

    /// <summary>The client, for what the tier does not do.</summary>
    internal RespClient Client => _client;

    /// <summary>What a record is called in the engine.</summary>
    internal byte[] RecordKeyOf(SharedKey key) => Of(key.Partition).Keys.RecordOf(key.Text);

    /// <inheritdoc/>
    public async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            var found = await _engine.ProbeAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _capabilities, Capabilities with { Product = found.Product, Shortfalls = found.ShortfallsFor(_options) });
        }
        catch (RespException failure)
        {
            throw Failures.Of("connect", null, failure);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ReadReply> ReadAsync(SharedKey key, LeaseAsk? ask, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<ReadReply>(cancellationToken) : Of(key.Partition).ReadAsync(key.Text, ask, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ReadReply>> ReadManyAsync(IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken)
    {
        if (asks.Count != 0 && asks.Count != keys.Count)
        {
            throw new ArgumentException($"{asks.Count} asks for {keys.Count} keys; there must be one for each key, or none.", nameof(asks));
        }

        cancellationToken.ThrowIfCancellationRequested();
        return await new ManyReads(_client, Of).ReadAsync(keys, asks, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<LeaseReply> AcquireAsync(SharedKey key, LeaseAsk ask, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<LeaseReply>(cancellationToken) : Of(key.Partition).AcquireAsync(key.Text, ask, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<FillReply> FillAsync(Fill fill, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<FillReply>(cancellationToken) : Of(fill.Key.Partition).FillAsync(fill, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<FillReply>> FillManyAsync(IReadOnlyList<Fill> fills, CancellationToken cancellationToken)
    {
        // Begun together, so they travel together.
        var pending = new Task<FillReply>[fills.Count];
        for (var i = 0; i < pending.Length; i++)
        {
            pending[i] = FillAsync(fills[i], cancellationToken).AsTask();
        }

        return await Task.WhenAll(pending).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<ChangeReply> PutAsync(SharedKey key, SharedRecord record, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<ChangeReply>(cancellationToken) : Of(key.Partition).PutAsync(key.Text, record, cancellationToken);

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(SharedKey key, Nonce nonce, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : Of(key.Partition).ReleaseAsync(key.Text, nonce, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ChangeReply> ChangeAsync(PartitionId partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<ChangeReply>(cancellationToken) : Of(partition).ChangeAsync(changes, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ControlReply> ReadControlAsync(PartitionId partition, long since, Incarnation incarnation, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<ControlReply>(cancellationToken)
            : Of(partition).ReadControlAsync(since, incarnation, cancellationToken);

    /// <inheritdoc/>
    public ValueTask WaitAsync(SharedKey key, TimeSpan patience, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : Of(key.Partition).WaitAsync(key.Text, patience, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<CounterReply> CountAsync(SharedKey key, CounterAsk ask, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<CounterReply>(cancellationToken) : Of(key.Partition).CountAsync(key.Text, ask, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IAsyncDisposable> SubscribeAsync(PartitionId partition, IPushSink sink, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<IAsyncDisposable>(cancellationToken)
            : Of(partition).SubscribeAsync(sink, cancellationToken);

    /// <summary>Ends its connections. Calls under way fail.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var partition in _partitions.Values)
        {
            await partition.DisposeAsync().ConfigureAwait(false);
        }

        await _client.DisposeAsync().ConfigureAwait(false);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RedisPartition Of(PartitionId id) => _partitions.TryGetValue(id, out var known) ? known : Add(id);

    private RedisPartition Add(PartitionId id)
    {
        if (id.Index < 0 || id.Index >= _options.PartitionCount)
        {
            throw new ArgumentOutOfRangeException(nameof(id), $"{id} is beyond the {_options.PartitionCount} partitions of a keyspace.");
        }

        return _partitions.GetOrAdd(
            id, static (id, tier) => new RedisPartition(new PartitionKeys(id, tier._options.PartitionCount), tier._client, tier._engine, tier._clocks, tier._surroundings), this);
    }
}
