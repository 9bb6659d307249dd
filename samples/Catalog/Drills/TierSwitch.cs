using Catalog.Database;
using Millpond.Shared;

namespace Catalog.Drills;

/// <summary>What the drills can do to the way to the shared tier: lose it, or make every call take two seconds.</summary>
internal sealed class TierSwitch(TimeProvider time)
{
    /// <summary>What a slow call takes: longer than anybody should wait for a cache.</summary>
    public static readonly TimeSpan Slowness = TimeSpan.FromSeconds(2);

    public TimedSwitch Lost { get; } = new(time);

    public TimedSwitch Slow { get; } = new(time);

    /// <summary>Whether there is a shared tier that could be lost: an instance on its own has none.</summary>
    public bool IsConnected { get; set; }

    /// <summary>Called once for each call of the shared tier.</summary>
    /// <exception cref="SharedTierException">The shared tier is lost.</exception>
    public async ValueTask PassAsync(CancellationToken cancellation)
    {
        if (Lost.IsOn)
        {
            throw new SharedTierException("The shared tier is lost (a drill).");
        }

        if (Slow.IsOn)
        {
            await Task.Delay(Slowness, time, cancellation);
        }
    }
}
