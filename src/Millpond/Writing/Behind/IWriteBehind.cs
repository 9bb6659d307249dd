using Millpond.Journals;

namespace Millpond;

/// <summary>What people may ask of a keyspace's write-behind, beside its reads and writes: <c>ICache.WriteBehind</c> gives it.</summary>
public interface IWriteBehind
{
    /// <summary>How it stands in this process.</summary>
    WriteBehindStatistics Statistics();

    /// <summary>What the source refused, and what waits behind it, the oldest first.</summary>
    /// <param name="after">Go on after the letter of this position. Default: from the first on.</param>
    /// <param name="lettersMax">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<IReadOnlyList<DeadLetter>> DeadLettersAsync(long after = 0, int lettersMax = 100, CancellationToken cancellationToken = default);

    /// <summary>Tries dead letters again, those of one key or of all, each key's as they were written. What the source refuses again stays.</summary>
    /// <param name="key">The key's text, as a dead letter tells it; null for all keys.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many letters are in the source now, and so none any more. One that the shared tier could not be told of stays; it is not applied again by the next retry.</returns>
    /// <exception cref="MillpondException">MP1409: another instance flushes.</exception>
    ValueTask<int> RetryDeadLettersAsync(string? key = null, CancellationToken cancellationToken = default);

    /// <summary>Gives a key's dead letters up: they will not be in the source. The key is invalidated, and readers see what the source has.</summary>
    /// <param name="key">The key's text, as a dead letter tells it.</param>
    /// <param name="through">The position of the last one to give up, so that nothing goes that nobody has looked at. Default: all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were given up.</returns>
    /// <exception cref="MillpondException">MP1409: another instance flushes.</exception>
    ValueTask<int> DiscardDeadLettersAsync(string key, long through = long.MaxValue, CancellationToken cancellationToken = default);

    /// <summary>Reads what the journal keeps of records that are settled: its trail, a page at a time, the oldest first.</summary>
    /// <param name="query">Which records.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="MillpondException">MP1410: the journal keeps no trail. MP1405: it cannot be read now.</exception>
    ValueTask<TrailPage> ReadTrailAsync(TrailQuery query, CancellationToken cancellationToken = default);

    /// <summary>Flushes without waiting for batches to fill, until nothing that was acknowledged before is left.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask FlushAsync(CancellationToken cancellationToken = default);
}

/// <summary>How the flusher of a keyspace stands in this process.</summary>
public enum FlusherState
{
    /// <summary>The journal is not open yet.</summary>
    Opening,

    /// <summary>Another instance flushes.</summary>
    Standby,

    /// <summary>This one does.</summary>
    Flushing,

    /// <summary>The last attempt failed; it is tried again.</summary>
    Failing,

    /// <summary>The cache has been disposed.</summary>
    Stopped,
}

/// <summary>How write-behind of one keyspace stands in this process. Counts are since its start.</summary>
public sealed record WriteBehindStatistics
{
    /// <summary>The keyspace, or the counters.</summary>
    public required string Keyspace { get; init; }

    /// <summary>The kind of its journal.</summary>
    public required string Journal { get; init; }

    /// <summary>What an acknowledgement survives.</summary>
    public required JournalSurvival Survives { get; init; }

    /// <summary>Whether this instance flushes.</summary>
    public required FlusherState State { get; init; }

    /// <summary>Why not, or what failed last; null if nothing has since the last flush.</summary>
    public required string? LastFailure { get; init; }

    /// <summary>Records that are neither flushed nor dead.</summary>
    public required long Records { get; init; }

    /// <summary>Records that this instance has flushed and keeps in the journal until the shared tier has been told of them; 0 while it answers, and where there is none.</summary>
    public required long Untold { get; init; }

    /// <summary>Bytes that the journal holds for the source.</summary>
    public required long Bytes { get; init; }

    /// <summary>How old the oldest record that is not flushed is at most, by the wall clock; null if there is none.</summary>
    public required TimeSpan? Lag { get; init; }

    /// <summary>Whether the lag is past <see cref="WriteBehindOptions.LagAlarm"/>.</summary>
    public required bool IsLate { get; init; }

    /// <summary>Records that the source refused, and those behind them.</summary>
    public required long DeadLetters { get; init; }

    /// <summary>Records acknowledged by this process.</summary>
    public required long Appended { get; init; }

    /// <summary>Records that are in the source by this process.</summary>
    public required long Flushed { get; init; }

    /// <summary>Items that they were merged into: at most one for each key of a batch.</summary>
    public required long Items { get; init; }

    /// <summary>Batches that were applied.</summary>
    public required long Batches { get; init; }

    /// <summary>Batches that failed and were tried again.</summary>
    public required long Failures { get; init; }

    /// <summary>Writes that were refused because the journal was full.</summary>
    public required long Refused { get; init; }
}
