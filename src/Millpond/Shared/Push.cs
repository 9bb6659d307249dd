namespace Millpond.Shared;

/// <summary>
/// Receives what a partition pushes. Called one message at a time for each subscription, in the order of arrival; must return
/// quickly and must not call back into the tier before it returns.
/// </summary>
public interface IPushSink
{
    /// <summary>A change arrived. Messages may be lost, repeated or late: the sequence tells.</summary>
    /// <param name="partition">Whose change.</param>
    /// <param name="incarnation">The life that the sequence belongs to.</param>
    /// <param name="change">The change and its number.</param>
    void OnChange(PartitionId partition, Incarnation incarnation, in SequencedChange change);

    /// <summary>The channel broke; nothing arrives any more until the sink's owner has subscribed again.</summary>
    /// <param name="partition">Whose channel.</param>
    /// <param name="reason">What happened, for people.</param>
    void OnBroken(PartitionId partition, string reason);
}
