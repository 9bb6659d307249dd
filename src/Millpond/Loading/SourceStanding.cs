using Millpond.Events;
using Millpond.Overload;

namespace Millpond.Loading;

/// <summary>What of a guard's standing is told when it changes. Taken under the guard's gate, compared and told outside of it.</summary>
internal readonly struct SourceStanding(SourcePlaces places)
{
    public int Limit { get; } = places.Limit;

    public BreakerState Breaker { get; } = places.Breaker;

    public void TellSince(in SourceStanding before, string source, CacheListener listener)
    {
        if (before.Limit != Limit)
        {
            listener.On(new SourceLimitChanged(source, before.Limit, Limit));
        }

        if (before.Breaker != Breaker)
        {
            listener.On(new SourceBreakerChanged(source, Breaker));
        }
    }
}
