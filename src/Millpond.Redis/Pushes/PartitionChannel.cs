using System.Buffers.Binary;
using System.Text;
using Millpond.Redis.Layout;
using Millpond.Resp;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Redis.Pushes;

/// <summary>
/// A partition's channel, as this process hears it: changes for its sinks, wakings for those who wait for a lease. One subscription serves all, and begins and ends with the sinks.
/// </summary>
/// <remarks>
/// Messages: <c>C</c>, 16 bytes of incarnation and a <see cref="ChangeText"/>; or <c>W</c> and the name of the key whose lease has ended. Lost messages are found by their sequence, and a lost
/// waking costs the waiter one period of polling.
/// </remarks>
internal sealed class PartitionChannel(RespClient client, PartitionKeys partition, bool isSharded, Surroundings surroundings) : IRespSubscriber, IAsyncDisposable
{
    private const int IncarnationLength = 16;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _changing = new(1);
    private readonly LeaseWaits _waits = new(surroundings);
    private IPushSink[] _sinks = [];
    private RespSubscription? _subscription;

    public LeaseWaits Waits => _waits;

    /// <summary>Whether wakings are heard.</summary>
    public bool IsLive => Volatile.Read(ref _subscription) is { IsLive: true };

    public async ValueTask<IAsyncDisposable> SubscribeAsync(IPushSink sink, CancellationToken cancellationToken)
    {
        var heard = new Subscription(this, sink);
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // First, so that it is told of a break that comes from now on.
            Change(sinks => [.. sinks, heard]);
            try
            {
                if (_subscription is { IsLive: false } broken)
                {
                    // Its sinks were told, so nobody counts on it.
                    await broken.DisposeAsync().ConfigureAwait(false);
                    _subscription = null;
                }

                _subscription ??= await client.SubscribeAsync(
                    isSharded ? RespChannel.Sharded(partition.ChannelName) : RespChannel.Plain(partition.ChannelName), this, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                Change(sinks => [.. sinks.Where(one => one != heard)]);
                throw;
            }
        }
        finally
        {
            _changing.Release();
        }

        return heard;
    }

    public void OnMessage(ReadOnlySpan<byte> channel, ReadOnlySpan<byte> message)
    {
        if (message.Length > 1 && message[0] == (byte)'W')
        {
            _waits.Wake(Encoding.UTF8.GetString(message[1..]));
        }
        else if (message.Length > IncarnationLength && message[0] == (byte)'C' && ChangeText.TryRead(message[(1 + IncarnationLength)..], out var change))
        {
            var incarnation = new Incarnation(BinaryPrimitives.ReadUInt64LittleEndian(message[1..]), BinaryPrimitives.ReadUInt64LittleEndian(message[9..]));
            foreach (var sink in Volatile.Read(ref _sinks))
            {
                sink.OnChange(partition.Id, incarnation, change);
            }
        }
        else
        {
            // Somebody else's message, or a newer version's: something may have changed that cannot be read, so nothing held is proven any more.
            Break("a message on the channel cannot be read.");
        }
    }

    public void OnLive() => _waits.WakeAll();

    public void OnGap(RespException cause)
    {
        Break(cause.Message);
        _waits.WakeAll();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _subscription, null) is { } subscription)
        {
            await subscription.DisposeAsync().ConfigureAwait(false);
        }

        _waits.WakeAll();
    }

    private void Break(string reason)
    {
        foreach (var sink in Volatile.Read(ref _sinks))
        {
            sink.OnBroken(partition.Id, reason);
        }
    }

    private void Change(Func<IPushSink[], IPushSink[]> change)
    {
        lock (_gate)
        {
            Volatile.Write(ref _sinks, change(_sinks));
        }
    }

    private async ValueTask EndAsync(Subscription ended)
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            Change(sinks => [.. sinks.Where(one => one != ended)]);
            if (_sinks.Length == 0 && Interlocked.Exchange(ref _subscription, null) is { } subscription)
            {
                await subscription.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>A sink from its subscription to its end; deaf after a break, as the contract has it.</summary>
    private sealed class Subscription(PartitionChannel channel, IPushSink sink) : IPushSink, IAsyncDisposable
    {
        private bool _isOver;

        public void OnChange(PartitionId partition, Incarnation incarnation, in SequencedChange change)
        {
            if (!Volatile.Read(ref _isOver))
            {
                sink.OnChange(partition, incarnation, change);
            }
        }

        public void OnBroken(PartitionId partition, string reason)
        {
            if (!Interlocked.Exchange(ref _isOver, true))
            {
                sink.OnBroken(partition, reason);
            }
        }

        public ValueTask DisposeAsync()
        {
            Volatile.Write(ref _isOver, true);
            return channel.EndAsync(this);
        }
    }
}
