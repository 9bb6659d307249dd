namespace Millpond.Shared.InProcess;

/// <summary>A partition's control record: its life, the sequence of its changes, and the floors. Touched under the partition's lock only.</summary>
internal sealed class ControlRecord
{
    private readonly Floors _floors;
    private readonly ChangeLog _log;
    private long _sequence;

    public ControlRecord(Incarnation incarnation, InProcessSharedTierOptions options)
        : this(incarnation, new Floors(options.FloorsMax), new ChangeLog(options.ChangeLogMax))
    {
    }

    private ControlRecord(Incarnation incarnation, Floors floors, ChangeLog log) =>
        (Incarnation, _floors, _log) = (incarnation, floors, log);

    public Incarnation Incarnation { get; }

    public PartitionState State => new(Incarnation, _sequence, _floors.Newest);

    public SequencedChange Apply(in Change change)
    {
        var numbered = new SequencedChange(++_sequence, change);
        if (change.Kind == ChangeKind.Scope)
            _floors.Raise(change.Name, _sequence);
        else if (change.Kind == ChangeKind.Keyspace)
            _floors.RaiseKeyspace(_sequence);
        _log.Add(numbered);
        return numbered;
    }

    public ControlReply Reply(long since, Incarnation incarnation) => new()
    {
        State = State,
        KeyspaceFloor = _floors.Keyspace,
        Floors = _floors.ToDictionary(),
        ChangesSince = incarnation == Incarnation ? _log.Since(since, _sequence) : null,
    };

    public ControlRecord Clone() => Reborn(Incarnation);

    /// <summary>The same record in another life.</summary>
    public ControlRecord Reborn(Incarnation incarnation) => new(incarnation, _floors.Clone(), _log.Clone()) { _sequence = _sequence };
}
