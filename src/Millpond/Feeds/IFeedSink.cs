namespace Millpond.Feeds;

/// <summary>Whom a feed tells what it hears, in one run. May be called from any thread; transactions are committed one after the other.</summary>
public interface IFeedSink
{
    /// <summary>The tables to follow, with the columns that are read of their rows. Never empty, and the same for the whole run.</summary>
    IReadOnlyList<FeedTable> Tables { get; }

    /// <summary>Up to where everything has been applied: the shared tier has acknowledged it, and it was visible in the source by then. Null until the first time. The feed confirms this to its source, and
    /// nothing beyond it.</summary>
    FeedPosition? Confirmed { get; }

    /// <summary>Completes when a position is confirmed; never, if the run ends before.</summary>
    /// <param name="position">The position.</param>
    Task WhenConfirmedAsync(FeedPosition position);

    /// <summary>Says how the feed stands. Nothing is to be committed but while it follows.</summary>
    /// <param name="state">How it stands.</param>
    /// <param name="detail">For people.</param>
    void OnState(FeedState state, string detail);

    /// <summary>
    /// Says where the run begins, before anything is committed. The place is that which the source was last confirmed. If it lies past what was recorded as confirmed, somebody else moved it or made it anew, and what is in
    /// between is not known (A21); if the history is another one, the source was restored, or another has taken its place (A50, A51). Either makes everything that the feed follows doubtful.
    /// </summary>
    /// <param name="position">The place.</param>
    /// <param name="history">Names the source's history: the same for as long as its places mean the same.</param>
    void StartAt(FeedPosition position, string history);

    /// <summary>Begins to collect a transaction. Several may be open at a time; one that was rolled back is simply let go.</summary>
    IFeedTransaction Begin();

    /// <summary>Hands over a transaction that the source has committed. It is applied at once.</summary>
    /// <param name="transaction">One that this sink began.</param>
    /// <param name="commit">Where and when it was committed.</param>
    void Commit(IFeedTransaction transaction, in FeedCommit commit);

    /// <summary>Says that every transaction up to a position is visible to whoever begins to read now.</summary>
    /// <param name="upTo">The position.</param>
    void Visible(FeedPosition upTo);

    /// <summary>
    /// Says how far the source has come in the history of its home database: whoever has been told everything up to a place of the feed has been told everything that the home database had committed up to another. Said before or
    /// with what it is about, never for a place that was told already; of feeds that are an <see cref="IHomeFeed"/> alone.
    /// </summary>
    /// <param name="position">The place of the feed.</param>
    /// <param name="home">The place of the home database.</param>
    void Reaches(FeedPosition position, HomePosition home);

    /// <summary>Says that everything committed longer ago than <paramref name="age"/> has been told: committed in the home database, where the source is a replica of one.</summary>
    /// <param name="position">Where in the stream.</param>
    /// <param name="age">The time since the feed asked its source for this sign of life, on this process's clock.</param>
    void Heartbeat(FeedPosition position, TimeSpan age);
}

/// <summary>The changes of one transaction, collected as they come.</summary>
public interface IFeedTransaction
{
    /// <summary>Adds a row's change. It is read during the call only, so the feed may use its values anew.</summary>
    /// <param name="row">What happened to the row.</param>
    void Add(in RowChange row);

    /// <summary>Adds that something is not known: what it concerns is treated as if all of it might have changed.</summary>
    /// <param name="doubt">What is not known.</param>
    void Doubt(FeedDoubt doubt);
}

/// <summary>How a feed stands.</summary>
public enum FeedState
{
    /// <summary>It is not connected, or looks at how the source is set up.</summary>
    Connecting,

    /// <summary>Another instance follows the source; this one takes over when that one ends.</summary>
    Standby,

    /// <summary>It follows the source.</summary>
    Following,

    /// <summary>It follows a replica that has not heard from its home database for so long that what it shows is no longer taken for recent.</summary>
    CutOff,

    /// <summary>It broke, or the source cannot be followed as it is set up; it is tried again.</summary>
    Failing,
}
