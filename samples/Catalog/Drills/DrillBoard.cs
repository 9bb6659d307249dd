using Catalog.Database;
using Catalog.Load;

namespace Catalog.Drills;

/// <summary>The drills that last a while, each with a switch that turns itself off.</summary>
internal sealed class DrillBoard(TimeProvider time, SourceSwitch source, TierSwitch tier, FlashCrowd crowd)
{
    public static readonly TimeSpan SlowFor = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan StoppedFor = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan BypassFor = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan CrowdFor = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan TierTroubleFor = TimeSpan.FromSeconds(15);

    /// <summary>Every read goes past the cache, so that "without the cache" can be checked and not only counted.</summary>
    public TimedSwitch Bypass { get; } = new(time);

    public FlashCrowd Crowd { get; } = crowd;

    public TimedSwitch Slow => source.Slow;

    public TimedSwitch Stopped => source.Stopped;

    /// <summary>Puts a drill on, from its beginning, or off. False if there is none of this name that lasts.</summary>
    public bool Set(string name, bool isOn)
    {
        (Action On, Action Off)? drill = name switch
        {
            "slow" => (() => Slow.On(SlowFor), Slow.Off),
            "stop" => (() => Stopped.On(StoppedFor), Stopped.Off),
            "lose-tier" => (() => tier.Lost.On(TierTroubleFor), tier.Lost.Off),
            "slow-tier" => (() => tier.Slow.On(TierTroubleFor), tier.Slow.Off),
            "bypass" => (() => Bypass.On(BypassFor), Bypass.Off),
            "crowd" => (() => Crowd.Start(CrowdFor), Crowd.Stop),
            _ => null,
        };
        (isOn ? drill?.On : drill?.Off)?.Invoke();
        return drill is not null;
    }

    /// <summary>Seconds that are left of each drill that is on, by its name.</summary>
    public IReadOnlyDictionary<string, double> Running() =>
        new[]
        {
            ("slow", Slow.Remaining), ("stop", Stopped.Remaining), ("lose-tier", tier.Lost.Remaining), ("slow-tier", tier.Slow.Remaining), ("bypass", Bypass.Remaining), ("crowd", Crowd.Remaining),
        }
        .Where(drill => drill.Item2 > TimeSpan.Zero)
        .ToDictionary(drill => drill.Item1, drill => Math.Round(drill.Item2.TotalSeconds, 1));
}
