using Millpond.Feeds;
using Millpond.Runtime;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Millpond.Debezium.Queues;

/// <summary>
/// Takes what Debezium Server writes to queues of RabbitMQ. A message is acknowledged when it has been applied for good; what a process had taken and not acknowledged when it died, the broker gives to another, or to the same one when it is back.
/// </summary>
/// <remarks>
/// What the broker lost is not known: a queue that is not there any more, or messages that it was not told to keep. Each makes everything that is followed doubtful. Who consumes makes no difference, because changes carry no values: each instance applies what it
/// is given, and the order among instances does not matter. So nobody leads, and queues need not be of one consumer.
/// </remarks>
internal sealed class DebeziumQueueFeed(string name, DebeziumQueueOptions options, Surroundings surroundings) : IChangeFeed
{
    // The most that a broker takes. Below it the client would break the connection over a message instead of letting it be refused, and again over the same one for ever.
    private const uint MessageBytesMaxOfBrokers = 512 * 1024 * 1024;

    private const ushort NotFound = 404;

    // Messages that do not outlive the broker; what became of them since the connection was lost nobody knows.
    private volatile bool _tookFleeting;

    public async Task FollowAsync(IFeedSink sink, CancellationToken stop)
    {
        sink.OnState(FeedState.Connecting, "connecting to the broker.");
        var connection = await ConnectAsync(stop).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var doubts = await EnsureAsync(connection, stop).ConfigureAwait(false);
            if (_tookFleeting)
            {
                _tookFleeting = false;
                doubts.Add("Messages that the broker does not keep (delivery mode 1) may have gone with the connection.");
            }

            // Positions are this run's own: what is left is in the queues.
            sink.StartAt(default, $"{connection.Endpoint.HostName}:{connection.Endpoint.Port}/{string.Join(',', options.Queues)}");
            sink.OnState(FeedState.Following, $"{options.Queues.Count} queues of {connection.Endpoint.HostName}.");
            var channel = await connection.CreateChannelAsync(cancellationToken: stop).ConfigureAwait(false);
            await using (channel.ConfigureAwait(false))
            {
                await new QueueRun(sink, channel, options, surroundings, () => _tookFleeting = true).FollowAsync(doubts, stop).ConfigureAwait(false);
            }
        }
    }

    private async Task<IConnection> ConnectAsync(CancellationToken stop)
    {
        var factory = new ConnectionFactory
        {
            Uri = options.Broker!,
            ClientProvidedName = $"millpond {name}",

            // A run that breaks ends, and the next one says what may have been lost.
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,

            // The broker gives a connection up after two of these.
            RequestedHeartbeat = options.SilenceMax / 2,
            MaxInboundMessageBodySize = MessageBytesMaxOfBrokers,
        };
        try
        {
            return await factory.CreateConnectionAsync(stop).ConfigureAwait(false);
        }
        catch (BrokerUnreachableException away)
        {
            throw new IOException($"The broker at {factory.HostName}:{factory.Port} cannot be reached: {(away.InnerException ?? away).Message}", away);
        }
    }

    /// <summary>Makes the queues that are not there, as Debezium would, and says which those were.</summary>
    private async Task<List<string>> EnsureAsync(IConnection connection, CancellationToken stop)
    {
        List<string> doubts = [];
        foreach (var queue in options.Queues)
        {
            // Asking for one that is not there ends the channel.
            var channel = await connection.CreateChannelAsync(cancellationToken: stop).ConfigureAwait(false);
            await using (channel.ConfigureAwait(false))
            {
                try
                {
                    await channel.QueueDeclarePassiveAsync(queue, stop).ConfigureAwait(false);
                    continue;
                }
                catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == NotFound)
                {
                    doubts.Add($"The queue {queue} was not there and has been made: what it held before is not known.");
                }
            }

            var making = await connection.CreateChannelAsync(cancellationToken: stop).ConfigureAwait(false);
            await using (making.ConfigureAwait(false))
            {
                await making.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: stop).ConfigureAwait(false);
            }
        }

        return doubts;
    }
}
