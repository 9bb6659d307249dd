using System.Data.Common;
using System.Transactions;
using Microsoft.EntityFrameworkCore;
using Millpond.Feeds;

namespace Millpond.EntityFrameworkCore;

/// <summary>A save under way, and what it changes.</summary>
internal sealed class PendingSave
{
    private readonly IReadOnlyList<Func<RowChange>> _changes;
    private readonly AutoTransactionBehavior _behavior;

    public PendingSave(DbContext context, IReadOnlyList<Func<RowChange>> changes)
    {
        _changes = changes;
        _behavior = context.Database.AutoTransactionBehavior;
        IsOwnTransaction = context.Database.CurrentTransaction is null && context.Database.GetEnlistedTransaction() is null && System.Transactions.Transaction.Current is null;
        if (IsOwnTransaction)
        {
            // Without one the row could be there and the change never be told, or the other way round.
            context.Database.AutoTransactionBehavior = AutoTransactionBehavior.Always;
        }
    }

    /// <summary>Whether the save begins and commits its transaction by itself.</summary>
    public bool IsOwnTransaction { get; }

    /// <summary>That transaction; another one where the save is run again.</summary>
    public DbTransaction? Transaction { get; set; }

    /// <summary>The changes with the keys that the database has given out.</summary>
    public IReadOnlyList<RowChange> Changes() => [.. _changes.Select(change => change())];

    public void End(DbContext context)
    {
        if (IsOwnTransaction)
        {
            context.Database.AutoTransactionBehavior = _behavior;
        }
    }
}
