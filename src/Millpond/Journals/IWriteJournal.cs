namespace Millpond.Journals;

/// <summary>
/// The durable log that write-behind acknowledges into: of one keyspace, in one order. This is the whole of what Millpond asks of one.
/// </summary>
/// <remarks>
/// <para>What a journal promises; the conformance suite in Millpond.Testing judges it:</para>
/// <list type="number">
/// <item>What <see cref="AppendAsync"/> acknowledged survives what <see cref="JournalCapabilities.Survives"/> says. One append is taken as a whole or not at all.</item>
/// <item>Positions rise, by one append's order, by acknowledgement (an append that began after another had returned has the higher ones), and over restarts, also where nothing is left of what they
/// were given to.</item>
/// <item>Once a record can be read, none with a lower position becomes readable any more.</item>
/// <item>A refusal is certain. Where nobody can know, it says so (<see cref="JournalFailure.OutcomeUnknown"/>).</item>
/// <item><see cref="FindPendingAsync"/> tells a key's newest state from the acknowledgement of its append on until its flush is acknowledged; a dead letter's until it is removed.</item>
/// <item>At most one instance leads, by a token above all before. Whoever has lost the lead can acknowledge, bury and remove nothing any more.</item>
/// <item>What is not acknowledged by the lead is read again by the next one. What is buried stays until it is removed, whatever is acknowledged.</item>
/// <item>Its identity changes when, and only when, positions or tokens that had been given may be given again (it was made anew, or fell back to an older copy and cannot leave them out). One that leaves them out keeps its identity, so that what the sink
/// knows to have applied is not applied again, and says in the log what may be gone.</item>
/// </list>
/// <para>All methods may be called from many threads at once.</para>
/// </remarks>
public interface IWriteJournal : IAsyncDisposable
{
    /// <summary>What it is and promises.</summary>
    JournalCapabilities Capabilities { get; }

    /// <summary>What it keeps of what is settled; null if it keeps nothing.</summary>
    IJournalTrail? Trail => null;

    /// <summary>What it holds. Quick, and without a wait: it is looked at before every append.</summary>
    JournalDepth Depth { get; }

    /// <summary>Opens the journal, or makes it. Called once, before everything else.</summary>
    /// <param name="keyspace">Whose it is. A journal that was made for another keyspace refuses.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="JournalException">It cannot be opened as it is: damaged, held by another process, another keyspace's.</exception>
    ValueTask OpenAsync(string keyspace, CancellationToken cancellationToken);

    /// <summary>Appends records and returns when they are as durable as the journal says.</summary>
    /// <param name="writes">The records in order; at least one.</param>
    /// <param name="cancellationToken">Ends the wait; the outcome is then unknown to this caller.</param>
    /// <returns>The position of the last one.</returns>
    /// <exception cref="JournalException">Refused, or outcome unknown.</exception>
    ValueTask<long> AppendAsync(IReadOnlyList<JournalWrite> writes, CancellationToken cancellationToken);

    /// <summary>The newest set or delete of a key that the source may not have yet; null if there is none. Increments are no state, and not found.</summary>
    /// <param name="key">The key's text.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<JournalRecord?> FindPendingAsync(string key, CancellationToken cancellationToken);

    /// <summary>Dead letters after a position, in order. Fewer than asked for are all that there are.</summary>
    /// <param name="after">The position; 0 for the first ones.</param>
    /// <param name="lettersMax">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(long after, int lettersMax, CancellationToken cancellationToken);

    /// <summary>Asks for the right to flush.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The right; null while another instance has it.</returns>
    ValueTask<IJournalLead?> TryLeadAsync(CancellationToken cancellationToken);
}

/// <summary>The right to flush a journal, held by one instance. Disposing it gives it back. Used by one flusher, one call at a time.</summary>
public interface IJournalLead : IAsyncDisposable
{
    /// <summary>What names this journal among all that ever were of this keyspace; at most 64 characters.</summary>
    string Identity { get; }

    /// <summary>Above the token of every lead before, for as long as the identity is the same. Sinks refuse lower ones, so that nobody who was thought dead writes any more.</summary>
    long Token { get; }

    /// <summary>Up to where was acknowledged.</summary>
    long Acknowledged { get; }

    /// <summary>Cancelled as soon as this instance must take the lead for lost.</summary>
    CancellationToken Lost { get; }

    /// <summary>Records after a position, in order, without those that are buried. Only those of the journal that <see cref="Identity"/> names: one that was made anew in its place gives the same positions to other records.</summary>
    /// <param name="after">The position; at least <see cref="Acknowledged"/>.</param>
    /// <param name="recordsMax">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="JournalException">It cannot be read; or it is another journal now, and the lead is lost.</exception>
    ValueTask<IReadOnlyList<JournalRecord>> ReadAsync(long after, int recordsMax, CancellationToken cancellationToken);

    /// <summary>Waits until there is, or may be, a record after a position.</summary>
    /// <param name="after">The position.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask WaitAsync(long after, CancellationToken cancellationToken);

    /// <summary>Says that everything up to a position is in the source, or buried. It need not be durable: what is told twice, the sink knows.</summary>
    /// <param name="through">The position; a lower one than before changes nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask AcknowledgeAsync(long through, CancellationToken cancellationToken);

    /// <summary>Puts records among the dead letters, durably when it returns. One that is there already stays as it is.</summary>
    /// <param name="records">The records, none of them acknowledged.</param>
    /// <param name="reason">Why; at most 1,000 characters are kept.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask BuryAsync(IReadOnlyList<JournalRecord> records, string reason, CancellationToken cancellationToken);

    /// <summary>Removes a key's dead letters up to a position, durably when it returns: they are in the source, or were given up.</summary>
    /// <param name="key">The key's text.</param>
    /// <param name="through">The position.</param>
    /// <param name="settlement">What became of them; for the trail, where there is one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask RemoveAsync(string key, long through, Settlement settlement, CancellationToken cancellationToken);
}
