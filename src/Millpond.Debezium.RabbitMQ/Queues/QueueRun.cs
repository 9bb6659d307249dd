using System.Threading.Channels;
using Millpond.Debezium.Applying;
using Millpond.Debezium.Envelopes;
using Millpond.Feeds;
using Millpond.Runtime;
using RabbitMQ.Client;

namespace Millpond.Debezium.Queues;

/// <summary>
/// One run: applies what the broker delivers, in its order, and acknowledges what is done. Deliveries come one at a time, on the client's thread; the acknowledging loop waits for the first that is not done and acknowledges everything up to there at once.
/// How many are between the two the broker limits.
/// </summary>
internal sealed class QueueRun(IFeedSink sink, IChannel channel, DebeziumQueueOptions options, Surroundings surroundings, Action onFleeting)
{
    private readonly EnvelopeReader _reader = new(options);
    private readonly EventApplier _applier = new(sink, options, EventApplier.Acknowledges.WhenFinal, surroundings);
    private readonly Channel<Delivered> _delivered = Channel.CreateUnbounded<Delivered>(new() { SingleReader = true, SingleWriter = true });
    private readonly TaskCompletionSource<bool> _ended = surroundings.NewCompletion<bool>();

    public async Task FollowAsync(IReadOnlyList<string> doubts, CancellationToken stop)
    {
        foreach (var why in doubts)
        {
            _applier.Apply(new DebeziumEvent { Kind = DebeziumKind.Lost, Why = why });
        }

        channel.ChannelShutdownAsync += (_, reason) =>
        {
            End(reason.ReplyText);
            return Task.CompletedTask;
        };
        await channel.BasicQosAsync(0, (ushort)options.UnacknowledgedMax, global: true, stop).ConfigureAwait(false);
        var consumer = new QueueConsumer(this, channel);
        foreach (var queue in options.Queues)
        {
            await channel.BasicConsumeAsync(queue, autoAck: false, consumer, stop).ConfigureAwait(false);
        }

        await SideBySide.RunAsync(stop, _applier.RunAsync, AcknowledgeAsync, token => surroundings.WaitAsync(_ended.Task, token)).ConfigureAwait(false);
    }

    /// <summary>The bytes are read during the call only: they are the client's.</summary>
    public void Deliver(ulong tag, ReadOnlyMemory<byte> value, DeliveryModes mode)
    {
        if (mode != DeliveryModes.Persistent)
        {
            onFleeting();
        }

        var told = value.Length > options.MessageBytesMax
            ? DebeziumEvent.Refused($"it has {value.Length} bytes, more than {nameof(DebeziumOptions.MessageBytesMax)} allows ({options.MessageBytesMax}).")
            : _reader.Read(default, value);
        _delivered.Writer.TryWrite(new(tag, _applier.Apply(told)?.Forgettable ?? Task.CompletedTask));
    }

    public void End(string why) => _ended.TrySetException(new IOException($"The broker ended it: {why}"));

    private async Task AcknowledgeAsync(CancellationToken stop)
    {
        while (true)
        {
            var last = await _delivered.Reader.ReadAsync(stop).ConfigureAwait(false);
            await surroundings.WaitAsync(last.Done, stop).ConfigureAwait(false);
            while (_delivered.Reader.TryPeek(out var next) && next.Done.IsCompletedSuccessfully && _delivered.Reader.TryRead(out next))
            {
                last = next;
            }

            await channel.BasicAckAsync(last.Tag, multiple: true, stop).ConfigureAwait(false);
        }
    }

    private readonly record struct Delivered(ulong Tag, Task Done);
}

/// <summary>Hears what the broker delivers, from all queues of a run.</summary>
internal sealed class QueueConsumer(QueueRun run, IChannel channel) : AsyncDefaultBasicConsumer(channel)
{
    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        run.Deliver(deliveryTag, body, properties.DeliveryMode);
        return Task.CompletedTask;
    }

    /// <summary>Its queue was deleted, or has moved.</summary>
    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        run.End("a queue is gone.");
        return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
    }
}
