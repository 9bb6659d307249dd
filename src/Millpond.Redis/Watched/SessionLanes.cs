using System.Collections.Concurrent;
using Millpond.Resp;

namespace Millpond.Redis.Watched;

/// <summary>
/// The sessions of a tier, a lane for each node: WATCH belongs to a connection, so each step has one to itself for as long as it takes. Few are enough, because a step is two round
/// trips; what waits for one waits in order, and a node that does not answer holds up only its own lane.
/// </summary>
/// <param name="client">Opens them.</param>
/// <param name="isDivided">Whether slots live on different nodes.</param>
internal sealed class SessionLanes(RespClient client, bool isDivided)
{
    private readonly ConcurrentDictionary<int, string> _nodes = new();
    private readonly ConcurrentDictionary<string, Lane> _lanes = new(StringComparer.Ordinal);

    /// <summary>Lends a session to the node of a slot.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="mustBeNew">Whether it must have asked its server who it is just now.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<SessionLoan> BorrowAsync(int slot, bool mustBeNew, CancellationToken cancellationToken)
    {
        slot = isDivided ? slot : RespSlot.Any;
        var isKnown = _nodes.TryGetValue(slot, out var node);
        var lane = _lanes.GetOrAdd(node ?? "", static _ => new Lane());
        await lane.Places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (isKnown && !mustBeNew && await lane.TakeAsync().ConfigureAwait(false) is { } idle)
            {
                return new SessionLoan(this, lane, idle);
            }

            var session = new PooledSession(await client.OpenSessionAsync(slot, cancellationToken).ConfigureAwait(false));
            _nodes[slot] = session.Node;
            return new SessionLoan(this, lane, session);
        }
        catch
        {
            lane.Places.Release();
            throw;
        }
    }

    /// <summary>A slot may live elsewhere now.</summary>
    public async ValueTask ForgetAsync(int slot)
    {
        // What the node's other sessions know of it may no longer be so either.
        if (_nodes.TryRemove(isDivided ? slot : RespSlot.Any, out var node) && _lanes.TryGetValue(node, out var lane))
        {
            while (await lane.TakeAsync().ConfigureAwait(false) is { } idle)
            {
                await idle.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes one back; more than are ever used at once are not kept.</summary>
    public bool TryKeep(PooledSession session)
    {
        session.IsNew = false;
        return _lanes.GetOrAdd(session.Node, static _ => new Lane()).TryAdd(session);
    }

    /// <summary>The idle sessions of one node, and how many more steps may use it now.</summary>
    internal sealed class Lane
    {
        private const int AtOnceMax = 8;

        private readonly ConcurrentStack<PooledSession> _idle = new();

        public SemaphoreSlim Places { get; } = new(AtOnceMax);

        public bool TryAdd(PooledSession session)
        {
            if (_idle.Count >= AtOnceMax)
            {
                return false;
            }

            _idle.Push(session);
            return true;
        }

        /// <summary>The one used last, so that those beyond what is needed stay idle; null if there is none.</summary>
        public async ValueTask<PooledSession?> TakeAsync()
        {
            while (_idle.TryPop(out var session))
            {
                if (session.IsConnected)
                {
                    return session;
                }

                await session.DisposeAsync().ConfigureAwait(false);
            }

            return null;
        }
    }
}
