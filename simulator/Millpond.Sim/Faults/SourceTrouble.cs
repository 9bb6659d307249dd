using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;

namespace Millpond.Sim.Faults;

/// <summary>The source's own episodes: now and then it is slow or down for a while, one at a time.</summary>
internal sealed class SourceTrouble(FaultKind faults, SimulatedSource source, Agenda agenda, Dice dice)
{
    private const long BetweenTicks = 10 * TimeSpan.TicksPerSecond;
    private const int Slowness = 10;

    private readonly FaultKind[] _kinds = [.. new[] { FaultKind.Sluggish, FaultKind.Outage }.Where(kind => (faults & kind) != 0)];
    private readonly Dictionary<FaultKind, int> _counts = [];
    private bool _ended;

    public IReadOnlyDictionary<FaultKind, int> Counts => _counts;

    public void Begin()
    {
        if (_kinds.Length > 0)
            agenda.After(dice.Around(BetweenTicks), Break);
    }

    public void End()
    {
        _ended = true;
        Heal();
    }

    private void Break()
    {
        if (_ended)
            return;
        var kind = _kinds[dice.Below(_kinds.Length)];
        _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
        if (kind == FaultKind.Sluggish)
            source.Slowness = Slowness;
        else
            source.Outage = dice.Chance(0.5) ? Outage.Fails : Outage.Hangs;
        agenda.After(dice.Between(500 * TimeSpan.TicksPerMillisecond, 10 * TimeSpan.TicksPerSecond), () =>
        {
            Heal();
            agenda.After(dice.Around(BetweenTicks), Break);
        });
    }

    private void Heal() => (source.Slowness, source.Outage) = (1, Outage.None);
}
