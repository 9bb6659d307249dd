namespace Millpond.Feeds.Applying;

/// <summary>What is to be told to the shared tier in one go, and what that proves.</summary>
internal sealed class ToApply(RuleBook rules)
{
    public ChangeSet Changes { get; } = new(rules);

    /// <summary>When all of it has been acknowledged, everything up to here has been applied for good.</summary>
    public FeedPosition? Final { get; set; }

    /// <summary>Then everything that had been committed at this time has been applied; on this process's clock.</summary>
    public long? AsOf { get; set; }

    public int Transactions { get; private set; }

    public int Rows { get; private set; }

    /// <summary>When the first of its transactions was handed over.</summary>
    public long ReceivedAt { get; private set; } = long.MaxValue;

    /// <summary>When the first of its transactions was committed, by the source's clock.</summary>
    public DateTimeOffset? CommittedAt { get; private set; }

    public bool IsEmpty => Final is null && AsOf is null && Transactions == 0 && Changes.IsEmpty;

    public void Add(FeedTransaction transaction, in FeedCommit commit, long now)
    {
        Changes.Add(transaction.Changes);
        Transactions++;
        Rows += transaction.Rows;
        ReceivedAt = Math.Min(ReceivedAt, now);
        CommittedAt ??= commit.At;
    }

    /// <summary>Makes it empty again, for the next.</summary>
    public void Clear()
    {
        Changes.Clear();
        (Final, AsOf, CommittedAt) = (null, null, null);
        (Transactions, Rows, ReceivedAt) = (0, 0, long.MaxValue);
    }

    /// <summary>Takes back what could not be told.</summary>
    public void Add(ToApply other)
    {
        Changes.Add(other.Changes);
        Final ??= other.Final;
        AsOf ??= other.AsOf;
        Transactions += other.Transactions;
        Rows += other.Rows;
        ReceivedAt = Math.Min(ReceivedAt, other.ReceivedAt);
        CommittedAt = other.CommittedAt ?? CommittedAt;
    }
}
