using Millpond.Resp.Nodes;

namespace Millpond.Resp.Topologies;

/// <summary>Which nodes serve which slots, as one cluster node told it at one moment. Never changed; replaced whole, except for single slots that a MOVED corrects.</summary>
internal sealed class SlotMap
{
    private readonly Node?[] _primaries = new Node?[RespSlot.Count];
    private readonly RespEndpoint[]?[] _replicas = new RespEndpoint[]?[RespSlot.Count];

    /// <summary>Who serves a slot; null if nobody said.</summary>
    public Node? Primary(int slot) => Volatile.Read(ref _primaries[slot]);

    public RespEndpoint[] Replicas(int slot) => _replicas[slot] ?? [];

    /// <summary>Somebody who serves something, looked for from a slot on; null if there is nobody.</summary>
    public Node? Any(int slot, Func<Node, bool> wanted)
    {
        for (var i = 0; i < RespSlot.Count; i++)
        {
            if (Primary((slot + i) % RespSlot.Count) is { } node && wanted(node))
            {
                return node;
            }
        }

        return null;
    }

    public void Set(SlotRange range, Node primary, RespEndpoint[] replicas)
    {
        for (var slot = range.First; slot <= range.Last; slot++)
        {
            Volatile.Write(ref _primaries[slot], primary);
            _replicas[slot] = replicas;
        }
    }

    /// <summary>What a MOVED said.</summary>
    public void Correct(int slot, Node primary) => Volatile.Write(ref _primaries[slot], primary);
}

/// <summary>Slots in a row, both ends included, and who serves them, the primary first.</summary>
internal sealed record SlotRange(int First, int Last, IReadOnlyList<RespEndpoint> Nodes);
