using System.Data.Common;
using Millpond.Feeds;

namespace Millpond;

/// <summary>
/// Where a program writes which rows it changed, in the transaction that changes them: for a database whose log cannot be followed. What is rolled back is then never told, what is committed always is, and a change feed
/// drains it. Made by <c>PostgresOutbox</c> or <c>SqliteOutbox</c>; keeps nothing, so one serves all threads.
/// </summary>
public abstract class Outbox
{
    private protected static readonly char[] KindLetters = ['I', 'U', 'D', 'T'];

    internal Outbox(string feed, string table, string defaultSchema) => (Feed, Table, DefaultSchema) = (feed, table, defaultSchema);

    /// <summary>The name of the feed that drains it.</summary>
    public string Feed { get; }

    /// <summary>The table that it is.</summary>
    public string Table { get; }

    /// <summary>The SQL that makes it. The feed runs this by itself if its login may; a program that writes before any feed has run, or whose schema is migrated by others, runs it first. Changes nothing where the table is there.</summary>
    public abstract string CreateScript { get; }

    /// <summary>The schema of a table that is named without one.</summary>
    internal string DefaultSchema { get; }

    /// <summary>Writes which rows a transaction changes. Once it is committed the feed tells them.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="changes">The changes, in order, with the columns that rules read, old and new. Tables are named as in the rules (<c>ChangedBy</c>).</param>
    /// <param name="cancellationToken">Cancels the write; the transaction is then the caller's to roll back.</param>
    /// <exception cref="DbException">The database refused.</exception>
    public Task AddAsync(DbTransaction transaction, IReadOnlyList<RowChange> changes, CancellationToken cancellationToken = default) =>
        AddAsync(transaction.Connection ?? throw new InvalidOperationException("The transaction has ended, so nothing can be written in it."), transaction, changes, cancellationToken);

    /// <summary>The same on a connection whose transaction was begun by a statement or is ambient. Without a transaction the changes are told whatever becomes of the rows.</summary>
    /// <param name="connection">The open connection that changes the rows.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <exception cref="DbException">The database refused.</exception>
    public Task AddAsync(DbConnection connection, IReadOnlyList<RowChange> changes, CancellationToken cancellationToken = default) => AddAsync(connection, null, changes, cancellationToken);

    internal async Task AddAsync(DbConnection connection, DbTransaction? transaction, IReadOnlyList<RowChange> changes, CancellationToken cancellationToken)
    {
        foreach (var command in Commands(connection, transaction, changes))
        {
            await using (command.ConfigureAwait(false))
            {
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>For callers whose own contract is synchronous.</summary>
    internal void Add(DbConnection connection, DbTransaction? transaction, IReadOnlyList<RowChange> changes)
    {
        foreach (var command in Commands(connection, transaction, changes))
        {
            using (command)
            {
                command.ExecuteNonQuery();
            }
        }
    }

    private protected abstract IEnumerable<DbCommand> NewCommands(DbConnection connection, IReadOnlyList<RowChange> changes);

    private IEnumerable<DbCommand> Commands(DbConnection connection, DbTransaction? transaction, IReadOnlyList<RowChange> changes)
    {
        if (changes.Count == 0)
        {
            yield break;
        }

        foreach (var command in NewCommands(connection, changes))
        {
            command.Transaction = transaction;
            yield return command;
        }
    }
}
