namespace Millpond.Events;

/// <summary>Passes every event on to several listeners, in order.</summary>
internal sealed class CompositeListener(IReadOnlyList<CacheListener> listeners) : CacheListener
{
    private readonly CacheListener[] _listeners = [.. listeners];

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

    public override void On(in LoadGivenUp e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

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

    public override void On(in MissAnswered e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in MissFailed e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in HitSampled e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in FillRefused e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in Changed e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in SharedTierFailed e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in RecordUnreadable e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in ValueNotStored e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in ChannelEvent e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in ChangeDeferred e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in FeedStateChanged e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in FeedDoubted e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in FeedApplied e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in CacheStarted e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in HotKeyFound e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in LocalBudgetChanged e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in LoadShed e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in LoadRetried e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in SourceLimitChanged e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in SourceBreakerChanged e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in ConfigurationApplied e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }

    public override void On(in ConfigurationRefused e)
    {
        foreach (var listener in _listeners)
        {
            listener.On(e);
        }
    }
}
