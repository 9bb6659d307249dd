namespace Millpond.Shared.InProcess;

/// <summary>
/// Carries a partition's changes to its sinks. A change is posted under the partition's lock, which fixes the order, and delivered after it,
/// by whichever thread holds the delivery lock: it empties the outbox, its own messages and others'. So a sink is called one message at a time,
/// in the order of the sequence, and whoever made a change returns only when all sinks have it, told by itself or by the thread before.
/// </summary>
/// <remarks>
/// Locks: posting takes the outbox's own lock inside the partition's; delivery takes it inside the delivery lock and never the partition's. A sink that
/// calls the tier against its contract is not waited for by itself: its message goes out when the outer call comes back to the outbox. A
/// caller must not hold a lock that a sink takes.
/// </remarks>
internal sealed class PushOutbox(PartitionId partition)
{
    private readonly Lock _delivering = new();
    private readonly Lock _gate = new();
    private readonly Queue<Message> _messages = new();
    private Subscription[] _subscriptions = [];

    private readonly record struct Message(Subscription[] To, Incarnation Incarnation, SequencedChange Change, string? Broken);

    public IAsyncDisposable Subscribe(IPushSink sink)
    {
        var subscription = new Subscription(this, sink);
        lock (_gate)
            _subscriptions = [.. _subscriptions, subscription];
        return subscription;
    }

    public void Post(Incarnation incarnation, in SequencedChange change)
    {
        lock (_gate)
        {
            if (_subscriptions.Length > 0)
                _messages.Enqueue(new Message(_subscriptions, incarnation, change, null));
        }
    }

    /// <summary>Ends every subscription, after what was posted before.</summary>
    public void PostBroken(string reason)
    {
        lock (_gate)
        {
            _messages.Enqueue(new Message(_subscriptions, default, default, reason));
            _subscriptions = [];
        }
    }

    public void Deliver()
    {
        if (_delivering.IsHeldByCurrentThread)
            return;
        lock (_delivering)
        {
            while (TryTake(out Message message))
            {
                foreach (Subscription subscription in message.To)
                    subscription.Deliver(message);
            }
        }
    }

    private bool TryTake(out Message message)
    {
        lock (_gate)
            return _messages.TryDequeue(out message);
    }

    private void End(Subscription subscription)
    {
        lock (_gate)
            _subscriptions = [.. _subscriptions.Where(s => s != subscription)];
    }

    private sealed class Subscription(PushOutbox outbox, IPushSink sink) : IAsyncDisposable
    {
        private bool _hasEnded;

        public void Deliver(in Message message)
        {
            if (_hasEnded)
                return;
            try
            {
                if (message.Broken is null)
                    sink.OnChange(outbox.Partition, message.Incarnation, message.Change);
                else
                    Break(message.Broken);
            }
            catch (Exception fault) when (message.Broken is null)
            {
                // A sink that missed a change must not go on as if it had it, and must not keep the change from the others.
                Break($"The sink failed: {fault.Message}");
            }
        }

        public ValueTask DisposeAsync()
        {
            // With the delivery lock, no message is under way when this returns.
            if (outbox._delivering.IsHeldByCurrentThread)
            {
                End();
                return default;
            }

            lock (outbox._delivering)
                End();
            return default;
        }

        private void Break(string reason)
        {
            End();
            sink.OnBroken(outbox.Partition, reason);
        }

        private void End()
        {
            _hasEnded = true;
            outbox.End(this);
        }
    }

    private PartitionId Partition => partition;
}
