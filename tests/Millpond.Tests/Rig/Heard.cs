using Millpond.Events;

namespace Millpond.Tests.Rig;

/// <summary>Keeps what the roads report, in order.</summary>
internal sealed class Heard : CacheListener
{
    private readonly List<object> _events = [];

    public IEnumerable<T> All<T>()
    {
        lock (_events)
        {
            return [.. _events.OfType<T>()];
        }
    }

    public override void OnLoadEnded(in LoadEnded e, object? begun) => Keep(e);

    public override void On(in MissAnswered e) => Keep(e);

    public override void On(in HitSampled e) => Keep(e);

    public override void On(in FillRefused e) => Keep(e);

    public override void On(in Changed e) => Keep(e);

    public override void On(in SharedTierFailed e) => Keep(e);

    public override void On(in RecordUnreadable e) => Keep(e);

    public override void On(in ValueNotStored e) => Keep(e);

    public override void On(in ChannelEvent e) => Keep(e);

    public override void On(in ChangeDeferred e) => Keep(e);

    public override void On(in InconsistencyFound e) => Keep(e);

    public override void On(in HotKeyFound e) => Keep(e);

    public override void On(in LoadShed e) => Keep(e);

    public override void On(in LoadRetried e) => Keep(e);

    public override void On(in SourceLimitChanged e) => Keep(e);

    public override void On(in SourceBreakerChanged e) => Keep(e);

    public override void On(in SharedTierBreakerChanged e) => Keep(e);

    public override void On(in ShardsSkewed e) => Keep(e);

    public override void On(in ConfigurationRefused e) => Keep(e);

    public override void On(in WarmUpEnded e) => Keep(e);

    public override void On(in WarmUpSourceFailed e) => Keep(e);

    public override void On(in KeysLeftBehind e) => Keep(e);

    public override void On(in FeedStateChanged e) => Keep(e);

    public override void On(in FeedDoubted e) => Keep(e);

    public override void On(in FeedApplied e) => Keep(e);

    private void Keep(object e)
    {
        lock (_events)
        {
            _events.Add(e);
        }
    }
}
