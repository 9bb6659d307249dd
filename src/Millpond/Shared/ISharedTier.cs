namespace Millpond.Shared;

/// <summary>
/// The entries and leases that all processes share, on some engine. This is the whole of what Millpond asks of one.
/// </summary>
/// <remarks>
/// <para>
/// One record lives under one key and holds both the value and its guard, the lease, so that an eviction takes both or neither
/// (rule 1). A record is in one of these states:
/// </para>
/// <code>
/// absent            nothing is stored
/// leased            a lease, no value: somebody loads it
/// value             a value, no lease
/// value + lease     a value (fresh, expired or left stale by a change) that somebody refreshes or rewrites
/// </code>
/// <para>
/// Each partition has one control record: its incarnation, the sequence of its changes, and the floors of the scopes that ever changed. Each
/// operation below is atomic with what it reads and writes of the control record; the state in its reply is of that step.
/// </para>
/// <para>
/// An operation that fails for a reason of the engine (no connection, a time-out, out of memory) throws <see cref="SharedTierException"/>,
/// and its outcome is then unknown. Cancelling an operation leaves its outcome unknown too. Implementations are safe for
/// concurrent use. The conformance suite in Millpond.Testing judges every implementation.
/// </para>
/// </remarks>
public interface ISharedTier
{
    /// <summary>What this engine can do. Stable between two <see cref="ConnectAsync"/> calls.</summary>
    SharedTierCapabilities Capabilities { get; }

    /// <summary>Connects and finds out what the server can do. Called once before first use; calling it again probes again.</summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    ValueTask ConnectAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads one record. If it has no value and nobody holds its lease, <paramref name="ask"/> (where given) is granted in the same step.
    /// A record with a value, however old, grants none: judging it is the reader's business, who then calls <see cref="AcquireAsync"/>.
    /// A record with a sliding time starts it anew.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="ask">The lease to grant if there is no value; null to read only.</param>
    /// <param name="cancellationToken">Ends the wait for the reply.</param>
    ValueTask<ReadReply> ReadAsync(SharedKey key, LeaseAsk? ask, CancellationToken cancellationToken);

    /// <summary>Reads many records of one keyspace as <see cref="ReadAsync"/> reads one, in as few round trips as the engine allows. Each
    /// key is atomic by itself; the whole is not.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="asks">For each key the lease to grant if it has no value; empty to read only.</param>
    /// <param name="cancellationToken">Ends the wait for the replies.</param>
    /// <returns>A reply for each key, in the order of the keys.</returns>
    ValueTask<IReadOnlyList<ReadReply>> ReadManyAsync(IReadOnlyList<SharedKey> keys, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken);

    /// <summary>
    /// Asks for the lease of a key whatever value it has. A load lease is granted unless another lease lives; a write lease always,
    /// and displaces the one before. Whoever names the nonce of the living lease has it renewed. The value stays readable.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="ask">The lease.</param>
    /// <param name="cancellationToken">Ends the wait for the reply.</param>
    ValueTask<LeaseReply> AcquireAsync(SharedKey key, LeaseAsk ask, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a value under its lease, if and only if the record still holds exactly that nonce and the partition is still in the
    /// record's incarnation (rule 3). Ends the lease and wakes who waits for it. Under a write lease this is also a change of the key: it takes a
    /// sequence and is pushed, because other processes may hold the value from before. A fill that was long on its way stores a value that
    /// is older by that (<see cref="Fill.SinceGrant"/>).
    /// </summary>
    /// <param name="fill">Key, nonce and value.</param>
    /// <param name="cancellationToken">Ends the wait for the reply.</param>
    ValueTask<FillReply> FillAsync(Fill fill, CancellationToken cancellationToken);

    /// <summary>Stores many values of one keyspace as <see cref="FillAsync"/> stores one.</summary>
    /// <param name="fills">What to store.</param>
    /// <param name="cancellationToken">Ends the wait for the replies.</param>
    /// <returns>A reply for each fill, in their order.</returns>
    ValueTask<IReadOnlyList<FillReply>> FillManyAsync(IReadOnlyList<Fill> fills, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a value without a condition: ends whatever lease there is, takes a sequence, is pushed as a change of the key. The last one
    /// to arrive wins, so this is only for values whose source of truth is the cache itself. The engine sets the record's stamp and
    /// incarnation to those of this step.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="record">The value.</param>
    /// <param name="cancellationToken">Ends the wait for the reply.</param>
    ValueTask<ChangeReply> PutAsync(SharedKey key, SharedRecord record, CancellationToken cancellationToken);

    /// <summary>Gives a lease back without a value, if the record still holds exactly this nonce (A13), and wakes who waits for it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="nonce">The lease.</param>
    /// <param name="cancellationToken">Ends the wait for the reply.</param>
    ValueTask ReleaseAsync(SharedKey key, Nonce nonce, CancellationToken cancellationToken);

    /// <summary>
    /// Makes changes in one partition, in order. Each takes the next sequence and is pushed. A key's lease dies and its value goes or is left
    /// as stale; a scope's floor, or the keyspace's, becomes the sequence of its change.
    /// </summary>
    /// <param name="partition">The partition.</param>
    /// <param name="changes">What changed; at least one.</param>
    /// <param name="cancellationToken">Ends the wait for the reply.</param>
    ValueTask<ChangeReply> ChangeAsync(PartitionId partition, IReadOnlyList<Change> changes, CancellationToken cancellationToken);

    /// <summary>Reads a partition's control record, and what changed since <paramref name="since"/> if the engine still knows.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="since">The last sequence that the asker applied, in <paramref name="incarnation"/>.</param>
    /// <param name="incarnation">The incarnation of <paramref name="since"/>; if the partition is in another, the reply has no changes.</param>
    /// <param name="cancellationToken">Ends the wait for the reply.</param>
    ValueTask<ControlReply> ReadControlAsync(PartitionId partition, long since, Incarnation incarnation, CancellationToken cancellationToken);

    /// <summary>Waits until the lease of a key has ended (filled, released, changed), or for <paramref name="patience"/>. It may return early for no
    /// reason at all, so the caller reads again afterwards.</summary>
    /// <param name="key">The key.</param>
    /// <param name="patience">The longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask WaitAsync(SharedKey key, TimeSpan patience, CancellationToken cancellationToken);

    /// <summary>Adds to a counter, which begins at 0, unless that takes it over the most that is asked for.</summary>
    /// <param name="key">The counter; counters and entries do not meet, even under the same key.</param>
    /// <param name="ask">What to add, and within which bounds.</param>
    /// <param name="cancellationToken">Ends the wait for the reply; the outcome is then unknown.</param>
    ValueTask<CounterReply> CountAsync(SharedKey key, CounterAsk ask, CancellationToken cancellationToken);

    /// <summary>
    /// Subscribes to a partition's pushes. Completes when the subscription is confirmed: a change made after that reaches the sink, or the
    /// sink is told that the channel broke. Disposing the result ends it.
    /// </summary>
    /// <param name="partition">The partition.</param>
    /// <param name="sink">Who receives.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    ValueTask<IAsyncDisposable> SubscribeAsync(PartitionId partition, IPushSink sink, CancellationToken cancellationToken);
}
