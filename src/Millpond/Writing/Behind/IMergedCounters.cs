namespace Millpond;

/// <summary>
/// Counts of which the source has the sum: page views, likes. Increments are added up here, journaled, and reach the source once each, in batches with one statement for a key. Declared with <c>AddMergedCounters</c> and injected; where two
/// have the same key type, as a keyed service under its name.
/// </summary>
/// <remarks>What the sum is now the source knows, up to what is on its way; read it there, through a keyspace where that helps.</remarks>
/// <typeparam name="TKey">The key's type.</typeparam>
public interface IMergedCounters<TKey>
    where TKey : notnull
{
    /// <summary>The name as declared.</summary>
    string Name { get; }

    /// <summary>Adds to a count. When it returns, the journal has it. Callers who come while the journal is busy share its next append, and those of one key one record.</summary>
    /// <param name="key">The key.</param>
    /// <param name="delta">What to add; between -10^9 and 10^9.</param>
    /// <param name="cancellationToken">Ends this caller's wait; it is counted all the same.</param>
    /// <exception cref="MillpondException">MP1405, MP1406: refused, so not counted. MP1407: it is not known whether it is counted.</exception>
    ValueTask AddAsync(TKey key, long delta = 1, CancellationToken cancellationToken = default);
}
