using Millpond.Feeds;

namespace Millpond.Testing.Conformance;

/// <summary>What a conformance case needs of a change feed under test: a source with one table of the columns <c>id</c> (the key, an integer), <c>grp</c> (an integer) and <c>note</c> (text). Each case gets a fixture of its
/// own and disposes it.</summary>
public interface IFeedFixture : IAsyncDisposable
{
    /// <summary>The table's name, as feeds tell it.</summary>
    string Table { get; }

    /// <summary>What the source can do of what cases need.</summary>
    FeedNeeds Has { get; }

    /// <summary>Another instance's feed of the same source.</summary>
    IChangeFeed NewFeed();

    /// <summary>Commits writes as one transaction.</summary>
    /// <param name="writes">The writes, in order.</param>
    ValueTask CommitAsync(params IReadOnlyList<RowWrite> writes);

    /// <summary>Makes writes in a transaction and rolls it back.</summary>
    /// <param name="writes">The writes.</param>
    ValueTask RollBackAsync(params IReadOnlyList<RowWrite> writes);

    /// <summary>Breaks whoever follows the source, which then answers again.</summary>
    ValueTask BreakAsync();

    /// <summary>Makes the source forget what was not confirmed, while nobody follows it.</summary>
    ValueTask LoseHistoryAsync();

    /// <summary>Lets time pass: really, or on a clock that the fixture holds.</summary>
    /// <param name="time">How much.</param>
    ValueTask AdvanceAsync(TimeSpan time);
}

/// <summary>What a case needs of a source.</summary>
[Flags]
public enum FeedNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Writes can be rolled back.</summary>
    RollBack = 1,

    /// <summary>A table can be truncated.</summary>
    Truncate = 2,

    /// <summary>The source keeps history that it can lose.</summary>
    History = 4,

    /// <summary>Of several instances one follows.</summary>
    Leadership = 8,

    /// <summary>The source tells the values from before, of all columns.</summary>
    OldValues = 16,

    /// <summary>The source can be asked for a sign of life. Where it cannot, as behind a broker, the feed proves nothing of how current things are.</summary>
    SignsOfLife = 32,

    /// <summary>The source tells which rows were committed together.</summary>
    WholeTransactions = 64,
}

/// <summary>A write to the fixture's table.</summary>
/// <param name="Kind">What it does; an insert of a row that is there is a fault of the case.</param>
/// <param name="Id">The row.</param>
/// <param name="Group">Its group afterwards.</param>
/// <param name="Note">Its note afterwards.</param>
public sealed record RowWrite(RowChangeKind Kind, int Id = 0, int Group = 0, string Note = "")
{
    /// <summary>The change that the write makes, for a fixture whose source has to be told of it: an outbox, say.</summary>
    /// <param name="table">The fixture's table.</param>
    /// <param name="rows">The rows that are there, which the write changes too.</param>
    public RowChange ChangeIn(string table, IDictionary<int, RowValues> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        rows.Remove(Id, out var old);
        var now = Kind is RowChangeKind.Insert or RowChangeKind.Update ? RowValues.Of(("id", Id), ("grp", Group), ("note", Note)) : null;
        if (now is not null)
        {
            rows[Id] = now;
        }
        else if (Kind == RowChangeKind.Truncate)
        {
            rows.Clear();
        }

        return new RowChange(table, Kind, old, now);
    }
}
