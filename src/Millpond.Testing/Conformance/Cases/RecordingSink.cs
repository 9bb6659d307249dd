using Millpond.Shared;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>Keeps what it is told.</summary>
internal sealed class RecordingSink : IPushSink
{
    private readonly Lock _gate = new();
    private readonly List<(PartitionId Partition, Incarnation Incarnation, SequencedChange Change)> _messages = [];
    private readonly List<string> _broken = [];

    public IReadOnlyList<(PartitionId Partition, Incarnation Incarnation, SequencedChange Change)> Messages
    {
        get
        {
            lock (_gate)
                return [.. _messages];
        }
    }

    public bool IsBroken
    {
        get
        {
            lock (_gate)
                return _broken.Count > 0;
        }
    }

    public IEnumerable<SequencedChange> Changes => Messages.Select(m => m.Change);

    public void OnChange(PartitionId partition, Incarnation incarnation, in SequencedChange change)
    {
        lock (_gate)
            _messages.Add((partition, incarnation, change));
    }

    public void OnBroken(PartitionId partition, string reason)
    {
        lock (_gate)
            _broken.Add(reason);
    }
}
