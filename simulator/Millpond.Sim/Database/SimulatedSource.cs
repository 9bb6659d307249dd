using Millpond.Sim.Clockwork;
using Millpond.Sim.Faults;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Database;

/// <summary>
/// The system of record: a versioned database. A commit happens at one instant; a load reads the committed state at some instant between its request
/// and its answer, and takes time for both ways.
/// </summary>
internal sealed class SimulatedSource(Agenda agenda, Dice dice, FaultKind faults, History history)
{
    private const long HalfTicks = 4 * TimeSpan.TicksPerMillisecond;
    private const double FailProbability = 0.02;
    private const double SlowProbability = 0.02;
    private const double HangProbability = 0.002;
    private const double WriteRefusedProbability = 0.05;
    private const double WriteFailsProbability = 0.06;

    private readonly Dictionary<(Item Item, int Process), List<long>> _written = [];
    private FaultKind _faults = faults;
    private long _marks;

    /// <summary>Loads end before this many are under way from one process; set from the limits that the processes are given.</summary>
    public const int ConcurrentLoadsMax = 3;

    public long Loads { get; private set; }

    /// <summary>How many times longer than usual loads take.</summary>
    public int Slowness { get; set; } = 1;

    public Outage Outage { get; set; }

    public BrokenOracle? Finding { get; private set; }

    public void EndFaults() => _faults = FaultKind.None;

    public long NextMark() => ++_marks;

    public void Commit(Item item, Row? row, int process)
    {
        item.History.Add(agenda.Now, row);
        history.Note(agenda.Now, What.Committed, process, item, row?.Mark ?? 0);
    }

    /// <summary>A query that reads some keys at one instant.</summary>
    public Task<Row?[]> LoadAsync(LoadMeter meter, IReadOnlyList<Item> items, CancellationToken cancellationToken)
    {
        Loads++;
        meter.Enter();
        if (meter.Inside > ConcurrentLoadsMax)
            Finding ??= new BrokenOracle("I5", items[0], $"{meter.Inside} loads at once from node {meter.Process}, whose source takes {ConcurrentLoadsMax}.");
        if (cancellationToken.IsCancellationRequested)
            Finding ??= new BrokenOracle("I5", items[0], $"a load of {items[0]} on node {meter.Process} was begun although its time was over.");
        foreach (var item in items)
            history.Note(agenda.Now, What.LoadBegan, meter.Process, item);
        var query = new Query(meter, items, history, agenda);
        Begin(query, cancellationToken);
        return query.Answer;
    }

    /// <summary>A statement that writes a row. One that fails may have committed or not; its client cannot tell.</summary>
    public Task<WriteResult<Row>> WriteAsync(LoadMeter meter, Item item, Row? row)
    {
        // As a query's answer, it belongs to the application.
        var answer = new TaskCompletionSource<WriteResult<Row>>();
        var isRefused = dice.Chance(WriteRefusedProbability);
        var fails = (_faults & FaultKind.Source) != 0 && dice.Chance(WriteFailsProbability);
        var commits = !isRefused && !(fails && dice.Chance(0.5));
        agenda.After(dice.Around(HalfTicks), () =>
        {
            if (commits)
            {
                Commit(item, row, meter.Process);
                WritesOf(item, meter.Process).Add(agenda.Now);
            }

            agenda.After(dice.Around(HalfTicks), () => meter.Gate.Deliver(() =>
            {
                if (fails)
                    answer.SetException(new IOException("The simulated source cut the connection."));
                else
                    answer.SetResult(isRefused ? WriteResult.NotWritten<Row>() : WriteResult.Written(row));
            }));
        });
        return answer.Task;
    }

    /// <summary>When a process first wrote an item since then; null if it did not.</summary>
    public long? FirstWriteSince(Item item, int process, long since) => WritesOf(item, process).Where(at => at >= since).Cast<long?>().Min();

    private List<long> WritesOf(Item item, int process) =>
        _written.TryGetValue((item, process), out var known) ? known : _written[(item, process)] = [];

    private void Begin(Query query, CancellationToken cancellationToken)
    {
        var isFaulty = (_faults & FaultKind.Source) != 0;
        var scale = isFaulty && dice.Chance(SlowProbability) ? 100 : isFaulty && Storm.At(agenda.Now) is not null ? Storm.Slowness : Slowness;
        var heedsToken = dice.Chance(0.7);
        var hangs = (isFaulty && dice.Chance(HangProbability)) || Outage == Outage.Hangs;
        var fails = (isFaulty && dice.Chance(FailProbability)) || Outage == Outage.Fails;
        if (heedsToken || hangs)
            query.Heed(cancellationToken);
        if (hangs)
            return;
        agenda.After((HalfTicks / 4) + (dice.Around(HalfTicks) * scale), () =>
        {
            query.Read();
            agenda.After(dice.Around(HalfTicks) * scale, () => query.Meter.Gate.Deliver(() => query.End(fails)));
        });
    }
}

/// <summary>How a source is out of order.</summary>
internal enum Outage
{
    None,
    Fails,
    Hangs,
}

/// <summary>How many loads of one process are under way.</summary>
internal sealed class LoadMeter(int process, Gate gate)
{
    public int Process => process;

    public Gate Gate => gate;

    public int Inside { get; private set; }

    public void Enter() => Inside++;

    public void Leave() => Inside--;
}
