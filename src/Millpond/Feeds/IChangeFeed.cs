namespace Millpond.Feeds;

/// <summary>
/// An ordered, resumable stream of what changed in a source, told by the source itself: a database's log, an outbox, a broker. This is the whole of what Millpond asks of one.
/// </summary>
/// <remarks>
/// <para>What a feed promises; the conformance suite in Millpond.Testing judges it:</para>
/// <list type="number">
/// <item>Every committed row change of the tables it is asked for is told, at least once; of what was rolled back, nothing is committed to the sink.</item>
/// <item>Transactions are committed to the sink in the order in which the source committed them, with positions that never fall.</item>
/// <item>It goes on after <see cref="IFeedSink.Confirmed"/> of the run before, in this process or another: what was not confirmed is told again.</item>
/// <item>It confirms to its source nothing that the sink has not confirmed to it.</item>
/// <item>It says where it begins (<see cref="IFeedSink.StartAt"/>) before it commits anything.</item>
/// <item>What it cannot decode it tells as a <see cref="FeedDoubt"/> about the table. What it cannot know (history that the source no longer has, a slot made anew, another
/// timeline) it tells as a doubt about everything, before any transaction that comes after. It skips nothing in silence.</item>
/// <item>A transaction that reads may not show yet is told as such, and <see cref="IFeedSink.Visible"/> follows.</item>
/// <item>Where nothing else comes, a heartbeat does, at least once a second, unless nobody can be asked for one, as behind a broker; then nothing is proven of how current things are.</item>
/// </list>
/// </remarks>
public interface IChangeFeed
{
    /// <summary>Follows the source until it breaks or is stopped. Called again, after a pause, when it has thrown; never twice at a time.</summary>
    /// <param name="sink">Who is told. Its own for this run; its methods return quickly.</param>
    /// <param name="stop">Ends the run.</param>
    /// <exception cref="MillpondException">MP1601: the source cannot be followed as it is set up; the message lists every fault and what to do about each.</exception>
    Task FollowAsync(IFeedSink sink, CancellationToken stop);
}
