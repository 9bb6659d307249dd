using Millpond.Resp.Commands;
using Millpond.Resp.Nodes;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Topologies;

/// <summary>Knows which node a command goes to, and what its error replies say about that.</summary>
internal abstract class Topology : IDisposable
{
    /// <summary>Sends a command to a node, lets it wait, or gives it back through <see cref="IDispatcher.Lost"/>.</summary>
    public abstract void Route(Pending pending);

    /// <summary>The node that a command would be sent to now; null if that is not known. For batches, which are split by it.</summary>
    public abstract Node? Find(int slot, RespTraits traits);

    /// <summary>Whether several nodes divide the keys among them.</summary>
    public virtual bool IsDivided => false;

    /// <summary>Whether an error reply means "elsewhere" or "later"; the command is then taken.</summary>
    public virtual bool TryRedirect(Pending pending, ReadOnlySpan<byte> error, string node) => false;

    /// <summary>Takes a command that was lost with a connection, or found none, and that may be sent again, if another try can go better.</summary>
    public abstract bool TrySendAgain(Pending pending, RespException cause);

    /// <summary>Where a channel is heard; where it is heard now stands in <paramref name="now"/>, and is kept if it will do. Nothing: not known yet.</summary>
    public abstract IReadOnlyCollection<RespEndpoint> WhereToListen(RespChannel channel, IReadOnlyCollection<RespEndpoint> now);

    /// <summary>Something was not where it was thought to be.</summary>
    public virtual void LookAgain()
    {
    }

    /// <summary>The nodes in use.</summary>
    public abstract IReadOnlyList<Node> Nodes { get; }

    /// <summary>Connects where that was not begun yet.</summary>
    public abstract void Begin();

    public virtual void Sweep(long now)
    {
        foreach (var node in Nodes)
        {
            node.Sweep(now);
        }
    }

    /// <summary>Counts what is under way at all its nodes, in use or leaving, and what was put off.</summary>
    public abstract void Count(ActivityCount count);

    public abstract void Dispose();
}
