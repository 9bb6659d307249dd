using Millpond.Journals;

namespace Millpond.Sinks;

/// <summary>
/// Where write-behind brings what it acknowledged: a source that takes batches. This is the whole of what Millpond asks of one.
/// </summary>
/// <remarks>
/// <para>What makes a write reach the source once and in order is the sink's ledger: a row for each keyspace, journal and lane that says up to which position everything is applied, and by which token. It is read and written in the
/// transaction that applies the batch. So a batch that is told again changes nothing, and a flusher that was thought dead is refused, however late its transaction commits.</para>
/// <list type="number">
/// <item><see cref="TakeOverAsync"/> writes the token into the lane's row, and from then on every batch of a lower token of the same journal is refused, also one that is under way.</item>
/// <item><see cref="ApplyAsync"/> applies a batch as one transaction, only if the ledger stands at <see cref="SinkBatch{TKey, TValue}.From"/>, and leaves it at <see cref="SinkBatch{TKey, TValue}.Through"/>.</item>
/// <item>Journals of one keyspace have ledgers of their own, so several processes may each bring what their journal has. Between their sets of one key there is no order; their increments add up.</item>
/// </list>
/// <para>One call at a time for each lead.</para>
/// </remarks>
/// <typeparam name="TKey">The keyspace's key type.</typeparam>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
public interface IWriteSink<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Makes a lead the one that may write a lane.</summary>
    /// <param name="lead">Who leads.</param>
    /// <param name="lane">The lane: empty for the keyspace's own, else of what was dead and is tried again. At most 1,100 bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Up to which position everything of the lane is applied; 0 if nothing is known of it.</returns>
    /// <exception cref="SinkException">A newer lead has taken over.</exception>
    ValueTask<long> TakeOverAsync(SinkLead lead, string lane, CancellationToken cancellationToken);

    /// <summary>Applies a batch as a whole or not at all.</summary>
    /// <param name="batch">The batch; its items are of different keys.</param>
    /// <param name="cancellationToken">Ends the wait; the outcome is then asked with <see cref="TakeOverAsync"/>.</param>
    /// <exception cref="SinkException">The source will never take this batch, or another lead has taken over. Whatever else is thrown is taken for a failure that passes: the batch is tried again.</exception>
    ValueTask ApplyAsync(SinkBatch<TKey, TValue> batch, CancellationToken cancellationToken);
}

/// <summary>Who flushes.</summary>
/// <param name="Keyspace">The keyspace, with the cache's prefix.</param>
/// <param name="Journal">The journal's identity. Positions and tokens of another one cannot be compared with these.</param>
/// <param name="Token">The lead's token; above those before.</param>
public sealed record SinkLead(string Keyspace, string Journal, long Token);

/// <summary>What is applied in one transaction.</summary>
/// <typeparam name="TKey">The keyspace's key type.</typeparam>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
public sealed record SinkBatch<TKey, TValue>
    where TKey : notnull
{
    /// <summary>Who flushes.</summary>
    public required SinkLead Lead { get; init; }

    /// <summary>The lane of the ledger: empty for the keyspace's own, else of what is applied out of turn.</summary>
    public required string Lane { get; init; }

    /// <summary>Where the ledger must stand.</summary>
    public required long From { get; init; }

    /// <summary>Where the ledger stands afterwards.</summary>
    public required long Through { get; init; }

    /// <summary>What to apply, one item for a key.</summary>
    public required IReadOnlyList<SinkItem<TKey, TValue>> Items { get; init; }
}

/// <summary>What is asked of one key's row.</summary>
/// <typeparam name="TKey">The keyspace's key type.</typeparam>
/// <typeparam name="TValue">The keyspace's value type.</typeparam>
/// <param name="Key">The key.</param>
/// <param name="Kind">Set, delete or increment.</param>
/// <param name="Value">The value to set; default otherwise.</param>
/// <param name="Delta">By how much, for an increment: the sum of those merged.</param>
/// <param name="Position">The sequence of the newest write merged into this: it rises from one item of a key to the next.</param>
/// <param name="Writes">How many writes are merged into this.</param>
public readonly record struct SinkItem<TKey, TValue>(TKey Key, JournalKind Kind, TValue? Value, long Delta, long Position, int Writes)
    where TKey : notnull;

/// <summary>Why a batch was not applied, for certain.</summary>
public enum SinkFailure
{
    /// <summary>The source will never take something that is in it: a constraint, a value out of range, a right that is missing for it. Millpond finds out what, and puts it aside.</summary>
    Refused,

    /// <summary>Another lead has taken over, or the ledger does not stand where the batch begins.</summary>
    Fenced,
}

/// <summary>A sink did not apply a batch, and nothing of it is in the source.</summary>
public sealed class SinkException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="message">What the source said; kept with the dead letter, so without values.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public SinkException(SinkFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    /// <summary>Why.</summary>
    public SinkFailure Failure { get; }
}
