namespace Millpond.Feeds.Applying;

/// <summary>What has been applied and waits for the shared tier's word.</summary>
internal sealed class ToConfirm
{
    /// <summary>Complete when what was deferred has been told. However many changes wait, there are no more of these than partitions.</summary>
    public HashSet<Task<bool>> Deferred { get; } = [];

    public FeedPosition? Final { get; private set; }

    public long? AsOf { get; private set; }

    public bool IsEmpty => Final is null && Deferred.Count == 0;

    public void Add(HashSet<Task<bool>> deferred, FeedPosition? final, long? asOf)
    {
        Deferred.RemoveWhere(told => told.IsCompleted);
        Deferred.UnionWith(deferred);
        (Final, AsOf) = (final ?? Final, asOf ?? AsOf);
    }

    /// <summary>Takes back what could not be confirmed yet, behind whatever came since.</summary>
    public void Precede(ToConfirm before)
    {
        Deferred.UnionWith(before.Deferred);
        (Final, AsOf) = (Final ?? before.Final, AsOf ?? before.AsOf);
    }
}
