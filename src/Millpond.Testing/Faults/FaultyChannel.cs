using Millpond.Shared;

namespace Millpond.Testing.Faults;

/// <summary>One subscription through <see cref="PushFaults"/>: stands between the tier and the sink.</summary>
internal sealed class FaultyChannel(PartitionId partition, IPushSink sink, PushFaults faults) : IPushSink, IAsyncDisposable
{
    private readonly Lock _telling = new();
    private readonly List<Action> _held = [];
    private IAsyncDisposable? _inner;
    private bool _isDead;

    public void Attach(IAsyncDisposable inner) => _inner = inner;

    public void OnChange(PartitionId _, Incarnation incarnation, in SequencedChange change)
    {
        SequencedChange copy = change;
        for (int time = faults.AreRepeated ? 2 : 1; time > 0; time--)
        {
            if (!faults.Loses())
                Send(() => sink.OnChange(partition, incarnation, copy));
        }
    }

    public void OnBroken(PartitionId _, string reason) => Break(reason);

    public void DeliverHeld(bool inReverse)
    {
        lock (_telling)
        {
            Action[] held = [.. _held];
            _held.Clear();
            if (inReverse)
                Array.Reverse(held);
            foreach (Action tell in held)
                Tell(tell);
        }
    }

    public void Break(string reason) => Die(() => sink.OnBroken(partition, reason));

    public void Silence() => Die(() => { });

    public async ValueTask DisposeAsync()
    {
        Silence();
        faults.Remove(this);
        if (_inner is not null)
            await _inner.DisposeAsync().ConfigureAwait(false);
    }

    private void Send(Action tell)
    {
        TimeSpan delay = faults.NextDelay();
        if (faults.AreHeld)
        {
            lock (_telling)
                _held.Add(tell);
        }
        else if (delay > TimeSpan.Zero)
        {
            faults.After(delay, () => Tell(tell));
        }
        else
        {
            Tell(tell);
        }
    }

    private void Tell(Action tell)
    {
        // One message at a time, as a sink may expect.
        lock (_telling)
        {
            if (!_isDead)
                tell();
        }
    }

    private void Die(Action lastWord)
    {
        lock (_telling)
        {
            if (_isDead)
                return;
            _isDead = true;
            _held.Clear();
            lastWord();
        }
    }
}
