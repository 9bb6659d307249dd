using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Faults;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Behind.Sinks;

/// <summary>What loaders ask the database: one row, read at one instant between the question and the answer.</summary>
internal sealed class RowLoads(SinkDatabase database, Agenda agenda, Dice dice, FaultKind faults, History history)
{
    private const long HalfTicks = 4 * TimeSpan.TicksPerMillisecond;
    private const double SlowProbability = 0.05;
    private const double FailProbability = 0.01;

    private FaultKind _faults = faults;

    public long Count { get; private set; }

    public void EndFaults() => _faults = FaultKind.None;

    public Task<Row?> LoadAsync(int node, Gate gate, Item item)
    {
        Count++;
        var isFaulty = (_faults & FaultKind.Source) != 0;
        var scale = isFaulty && dice.Chance(SlowProbability) ? 40 : 1;
        var fails = isFaulty && dice.Chance(FailProbability);
        // Not of the surroundings: a query belongs to the application.
        var answer = new TaskCompletionSource<Row?>();
        history.Note(agenda.Now, What.LoadBegan, node, item);
        agenda.After(dice.Around(HalfTicks) * scale, () =>
        {
            var row = database.Row(item);
            var isAway = database.IsDown;
            history.Note(agenda.Now, What.LoadRead, node, item, row?.Mark ?? 0);
            agenda.After(dice.Around(HalfTicks) * scale, () => gate.Deliver(() =>
            {
                if (fails || isAway)
                    answer.SetException(new IOException("The simulated database did not answer."));
                else
                    answer.SetResult(row);
            }));
        });
        return answer.Task;
    }
}
