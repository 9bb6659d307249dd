namespace Millpond.Events;

/// <summary>
/// Hears what the roads report. Stages know nothing of metrics, traces and logs; a listener turns events into those. Called on
/// whatever thread the event happened, so it must be quick and must not throw.
/// </summary>
internal abstract class CacheListener
{
    public static CacheListener Deaf { get; } = new DeafListener();

    /// <summary>A load is about to begin; what is returned comes back with its end.</summary>
    public virtual object? OnLoadBegins(in LoadBegins e) => null;

    public virtual void OnLoadEnded(in LoadEnded e, object? begun)
    {
    }

    /// <summary>A writer is about to be called; what is returned comes back with the end of the write.</summary>
    public virtual object? OnWriteBegins(in WriteBegins e) => null;

    public virtual void OnWriteEnded(in WriteEnded e, object? begun)
    {
    }

    public virtual void On(in LoadGivenUp e)
    {
    }

    /// <summary>Whether it does anything about <see cref="MissAnswered"/> and <see cref="MissFailed"/>: ten thousand callers may leave at once, and nobody need be told of each in vain.</summary>
    public virtual bool HearsMisses => true;

    public virtual void On(in MissAnswered e)
    {
    }

    public virtual void On(in MissFailed e)
    {
    }

    public virtual void On(in HitSampled e)
    {
    }

    public virtual void On(in FillRefused e)
    {
    }

    public virtual void On(in Changed e)
    {
    }

    public virtual void On(in SharedTierFailed e)
    {
    }

    public virtual void On(in RecordUnreadable e)
    {
    }

    public virtual void On(in ValueNotStored e)
    {
    }

    public virtual void On(in ChannelEvent e)
    {
    }

    public virtual void On(in ChangeDeferred e)
    {
    }

    public virtual void On(in WarmSideConnected e)
    {
    }

    public virtual void On(in WarmUpEnded e)
    {
    }

    public virtual void On(in WarmUpSourceFailed e)
    {
    }

    public virtual void On(in KeysLeftBehind e)
    {
    }

    public virtual void On(in FeedStateChanged e)
    {
    }

    public virtual void On(in FeedDoubted e)
    {
    }

    public virtual void On(in FeedApplied e)
    {
    }

    public virtual void On(in FlusherChanged e)
    {
    }

    public virtual void On(in Flushed e)
    {
    }

    public virtual void On(in FlushLagging e)
    {
    }

    public virtual void On(in DeadLettered e)
    {
    }

    public virtual void On(in CacheStarted e)
    {
    }

    public virtual void On(in InconsistencyFound e)
    {
    }

    public virtual void On(in HotKeyFound e)
    {
    }

    public virtual void On(in ShardsSkewed e)
    {
    }

    public virtual void On(in LocalBudgetChanged e)
    {
    }

    public virtual void On(in LoadShed e)
    {
    }

    public virtual void On(in LoadRetried e)
    {
    }

    public virtual void On(in SourceLimitChanged e)
    {
    }

    public virtual void On(in SourceBreakerChanged e)
    {
    }

    public virtual void On(in SharedTierBreakerChanged e)
    {
    }

    public virtual void On(in ConfigurationApplied e)
    {
    }

    public virtual void On(in ConfigurationRefused e)
    {
    }

    private sealed class DeafListener : CacheListener
    {
        public override bool HearsMisses => false;
    }
}
