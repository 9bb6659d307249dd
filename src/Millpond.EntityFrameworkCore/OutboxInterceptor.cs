using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Storage;
using Millpond.Feeds;
using Millpond.Feeds.Outboxes;

namespace Millpond.EntityFrameworkCore;

/// <summary>
/// Writes what a <c>SaveChanges</c> changes to an outbox, in the transaction that changes it.
/// </summary>
/// <remarks>
/// <para>
/// What changes is collected before the save, while the tracker still has the values from before; it is written after it, when the database has given out its keys. In between the transaction must not end. One that the application began, or that
/// is ambient, is still open when the save is over. One that the save begins itself is met as it is about to commit; so that it begins one even for a single statement, it is told to for this save.
/// </para>
/// <para>Where a strategy runs the save again after a fault, it begins another transaction, and what was collected is written in that one. A context is used by one thread at a time, and so is what is kept for it here.</para>
/// </remarks>
internal sealed class OutboxInterceptor(Outbox outbox, IReadOnlyList<FeedTable> tables) : SaveChangesInterceptor, IDbTransactionInterceptor
{
    private readonly TableNames _tables = new(tables, outbox.DefaultSchema);
    private readonly ConditionalWeakTable<DbContext, PendingSave> _saves = [];

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        var rows = Begin(eventData);
        foreach (var (row, entry) in rows.SelectMany(row => row.Unknown.Select(entry => (row, entry))))
        {
            row.Answer(entry, entry.GetDatabaseValues());
        }

        Collect(eventData.Context!, rows);
        return result;
    }

    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        var rows = Begin(eventData);
        foreach (var (row, entry) in rows.SelectMany(row => row.Unknown.Select(entry => (row, entry))))
        {
            row.Answer(entry, await entry.GetDatabaseValuesAsync(cancellationToken).ConfigureAwait(false));
        }

        Collect(eventData.Context!, rows);
        return result;
    }

    public override int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        if (End(eventData.Context!) is { IsOwnTransaction: false } save)
        {
            // Open already, unless the transaction is an ambient one.
            var database = eventData.Context!.Database;
            database.OpenConnection();
            try
            {
                outbox.Add(database.GetDbConnection(), database.CurrentTransaction?.GetDbTransaction(), save.Changes());
            }
            finally
            {
                database.CloseConnection();
            }
        }

        return result;
    }

    public override async ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (End(eventData.Context!) is { IsOwnTransaction: false } save)
        {
            var database = eventData.Context!.Database;
            await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await outbox.AddAsync(database.GetDbConnection(), database.CurrentTransaction?.GetDbTransaction(), save.Changes(), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await database.CloseConnectionAsync().ConfigureAwait(false);
            }
        }

        return result;
    }

    public override void SaveChangesCanceled(DbContextEventData eventData) => End(eventData.Context!);

    public override Task SaveChangesCanceledAsync(DbContextEventData eventData, CancellationToken cancellationToken = default)
    {
        End(eventData.Context!);
        return Task.CompletedTask;
    }

    public DbTransaction TransactionStarted(DbConnection connection, TransactionEndEventData eventData, DbTransaction result)
    {
        if (eventData.Context is { } context && _saves.TryGetValue(context, out var save) && save.IsOwnTransaction)
        {
            save.Transaction = result;
        }

        return result;
    }

    public ValueTask<DbTransaction> TransactionStartedAsync(DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default) =>
        new(TransactionStarted(connection, eventData, result));

    public InterceptionResult TransactionCommitting(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result)
    {
        if (SaveOf(transaction, eventData) is { } save)
        {
            outbox.Add(transaction.Connection!, transaction, save.Changes());
        }

        return result;
    }

    public async ValueTask<InterceptionResult> TransactionCommittingAsync(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (SaveOf(transaction, eventData) is { } save)
        {
            await outbox.AddAsync(transaction.Connection!, transaction, save.Changes(), cancellationToken).ConfigureAwait(false);
        }

        return result;
    }

    private PendingSave? SaveOf(DbTransaction transaction, TransactionEventData eventData) =>
        eventData.Context is { } context && _saves.TryGetValue(context, out var save) && ReferenceEquals(save.Transaction, transaction) ? save : null;

    private IReadOnlyList<ChangedRow> Begin(DbContextEventData eventData)
    {
        // What a save left behind that ended without a word.
        End(eventData.Context!);
        return new TrackedChanges(eventData.Context!, _tables).Find();
    }

    private void Collect(DbContext context, IReadOnlyList<ChangedRow> rows)
    {
        if (rows.Count > 0)
        {
            _saves.Add(context, new PendingSave(context, [.. rows.Select(row => row.Collect())]));

            // Interceptors are not told of a save that found a row changed or gone; this is.
            context.SaveChangesFailed += OnFailed;
        }
    }

    private PendingSave? End(DbContext context)
    {
        if (!_saves.TryGetValue(context, out var save))
        {
            return null;
        }

        _saves.Remove(context);
        context.SaveChangesFailed -= OnFailed;
        save.End(context);
        return save;
    }

    private void OnFailed(object? context, SaveChangesFailedEventArgs failed) => End((DbContext)context!);
}
