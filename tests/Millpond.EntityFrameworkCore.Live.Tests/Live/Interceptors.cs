using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Millpond.EntityFrameworkCore.Live.Tests.Live;

/// <summary>Breaks the first commit.</summary>
internal sealed class FaultAtCommit : DbTransactionInterceptor
{
    public int Commits { get; private set; }

    public override ValueTask<InterceptionResult> TransactionCommittingAsync(DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
        ++Commits == 1 ? throw new TimeoutException("The first commit does not come through.") : new(result);
}

/// <summary>Counts the transactions that were begun.</summary>
internal sealed class Begun : DbTransactionInterceptor
{
    public int Transactions { get; private set; }

    public override ValueTask<DbTransaction> TransactionStartedAsync(DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        Transactions++;
        return new(result);
    }
}
