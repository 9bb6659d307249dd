namespace Millpond.Events;

/// <summary>Passes every event on to several listeners, in order.</summary>
internal sealed class CompositeListener(IReadOnlyList<CacheListener> listeners) : CacheListener
{
    private readonly CacheListener[] _listeners = [.. listeners];

    private delegate void Telling<T>(CacheListener listener, in T e)
        where T : struct;

    public override object? OnLoadBegins(in LoadBegins e)
    {
        object?[]? begun = null;
        for (var i = 0; i < _listeners.Length; i++)
        {
            if (_listeners[i].OnLoadBegins(e) is { } one)
            {
                (begun ??= new object?[_listeners.Length])[i] = one;
            }
        }

        return begun;
    }

    public override void OnLoadEnded(in LoadEnded e, object? begun)
    {
        for (var i = 0; i < _listeners.Length; i++)
        {
            _listeners[i].OnLoadEnded(e, (begun as object?[])?[i]);
        }
    }

    public override object? OnWriteBegins(in WriteBegins e)
    {
        object?[]? begun = null;
        for (var i = 0; i < _listeners.Length; i++)
        {
            if (_listeners[i].OnWriteBegins(e) is { } one)
            {
                (begun ??= new object?[_listeners.Length])[i] = one;
            }
        }

        return begun;
    }

    public override void OnWriteEnded(in WriteEnded e, object? begun)
    {
        for (var i = 0; i < _listeners.Length; i++)
        {
            _listeners[i].OnWriteEnded(e, (begun as object?[])?[i]);
        }
    }

    public override void On(in LoadGivenUp e) => Tell(e, static (CacheListener listener, in LoadGivenUp told) => listener.On(told));

    public override bool HearsMisses
    {
        get
        {
            foreach (var listener in _listeners)
            {
                if (listener.HearsMisses)
                {
                    return true;
                }
            }

            return false;
        }
    }

    public override void On(in MissAnswered e) => Tell(e, static (CacheListener listener, in MissAnswered told) => listener.On(told));

    public override void On(in MissFailed e) => Tell(e, static (CacheListener listener, in MissFailed told) => listener.On(told));

    public override void On(in HitSampled e) => Tell(e, static (CacheListener listener, in HitSampled told) => listener.On(told));

    public override void On(in FillRefused e) => Tell(e, static (CacheListener listener, in FillRefused told) => listener.On(told));

    public override void On(in Changed e) => Tell(e, static (CacheListener listener, in Changed told) => listener.On(told));

    public override void On(in SharedTierFailed e) => Tell(e, static (CacheListener listener, in SharedTierFailed told) => listener.On(told));

    public override void On(in RecordUnreadable e) => Tell(e, static (CacheListener listener, in RecordUnreadable told) => listener.On(told));

    public override void On(in ValueNotStored e) => Tell(e, static (CacheListener listener, in ValueNotStored told) => listener.On(told));

    public override void On(in ChannelEvent e) => Tell(e, static (CacheListener listener, in ChannelEvent told) => listener.On(told));

    public override void On(in ChangeDeferred e) => Tell(e, static (CacheListener listener, in ChangeDeferred told) => listener.On(told));

    public override void On(in WarmSideConnected e) => Tell(e, static (CacheListener listener, in WarmSideConnected told) => listener.On(told));

    public override void On(in WarmUpEnded e) => Tell(e, static (CacheListener listener, in WarmUpEnded told) => listener.On(told));

    public override void On(in WarmUpSourceFailed e) => Tell(e, static (CacheListener listener, in WarmUpSourceFailed told) => listener.On(told));

    public override void On(in KeysLeftBehind e) => Tell(e, static (CacheListener listener, in KeysLeftBehind told) => listener.On(told));

    public override void On(in FeedStateChanged e) => Tell(e, static (CacheListener listener, in FeedStateChanged told) => listener.On(told));

    public override void On(in FeedDoubted e) => Tell(e, static (CacheListener listener, in FeedDoubted told) => listener.On(told));

    public override void On(in FeedApplied e) => Tell(e, static (CacheListener listener, in FeedApplied told) => listener.On(told));

    public override void On(in FlusherChanged e) => Tell(e, static (CacheListener listener, in FlusherChanged told) => listener.On(told));

    public override void On(in Flushed e) => Tell(e, static (CacheListener listener, in Flushed told) => listener.On(told));

    public override void On(in FlushLagging e) => Tell(e, static (CacheListener listener, in FlushLagging told) => listener.On(told));

    public override void On(in DeadLettered e) => Tell(e, static (CacheListener listener, in DeadLettered told) => listener.On(told));

    public override void On(in ShardsSkewed e) => Tell(e, static (CacheListener listener, in ShardsSkewed told) => listener.On(told));

    public override void On(in CacheStarted e) => Tell(e, static (CacheListener listener, in CacheStarted told) => listener.On(told));

    public override void On(in InconsistencyFound e) => Tell(e, static (CacheListener listener, in InconsistencyFound told) => listener.On(told));

    public override void On(in HotKeyFound e) => Tell(e, static (CacheListener listener, in HotKeyFound told) => listener.On(told));

    public override void On(in LocalBudgetChanged e) => Tell(e, static (CacheListener listener, in LocalBudgetChanged told) => listener.On(told));

    public override void On(in LoadShed e) => Tell(e, static (CacheListener listener, in LoadShed told) => listener.On(told));

    public override void On(in LoadRetried e) => Tell(e, static (CacheListener listener, in LoadRetried told) => listener.On(told));

    public override void On(in SourceLimitChanged e) => Tell(e, static (CacheListener listener, in SourceLimitChanged told) => listener.On(told));

    public override void On(in SourceBreakerChanged e) => Tell(e, static (CacheListener listener, in SourceBreakerChanged told) => listener.On(told));

    public override void On(in SharedTierBreakerChanged e) => Tell(e, static (CacheListener listener, in SharedTierBreakerChanged told) => listener.On(told));

    public override void On(in ConfigurationApplied e) => Tell(e, static (CacheListener listener, in ConfigurationApplied told) => listener.On(told));

    public override void On(in ConfigurationRefused e) => Tell(e, static (CacheListener listener, in ConfigurationRefused told) => listener.On(told));

    private void Tell<T>(in T e, Telling<T> tell)
        where T : struct
    {
        foreach (var listener in _listeners)
        {
            tell(listener, e);
        }
    }
}
