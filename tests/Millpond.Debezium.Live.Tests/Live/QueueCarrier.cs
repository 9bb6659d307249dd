using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Millpond.Debezium.Live.Tests.Live;

/// <summary>A queue of RabbitMQ, written to as Debezium Server's sink does: each message until the broker has confirmed it.</summary>
internal sealed class QueueCarrier(Uri broker, string queue) : ICarrier, IAsyncDisposable
{
    private IConnection? _connection;
    private IChannel? _channel;

    public (string Server, string Name, string Mode) Relay => (broker.AbsoluteUri, queue, "queues");

    /// <summary>Whether the broker is asked to keep what it takes.</summary>
    public DeliveryModes Mode { get; init; } = DeliveryModes.Persistent;

    public async Task AddAsync(string key, string value)
    {
        while (true)
        {
            try
            {
                _channel ??= await ConnectAsync();

                // Keys are not sent.
                await _channel.BasicPublishAsync("", queue, mandatory: false, new BasicProperties { DeliveryMode = Mode }, Encoding.UTF8.GetBytes(value), TestContext.Current.CancellationToken);
                return;
            }
            catch (Exception away) when (away is IOException or OperationInterruptedException or BrokerUnreachableException or AlreadyClosedException or PublishException)
            {
                await DisposeAsync();
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>How many nobody has been given.</summary>
    public async Task<uint> CountAsync()
    {
        _channel ??= await ConnectAsync();
        return (await _channel.QueueDeclarePassiveAsync(queue)).MessageCount;
    }

    public async Task DeleteQueueAsync()
    {
        _channel ??= await ConnectAsync();
        await _channel.QueueDeleteAsync(queue);
    }

    // The broker tells of those that nobody was given, and not of the others.
    public Task<bool> IsEmptyAsync() => Task.FromResult(true);

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            (_connection, _channel) = (null, null);
            await connection.DisposeAsync();
        }
    }

    private async Task<IChannel> ConnectAsync()
    {
        _connection = await new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(TestContext.Current.CancellationToken);
        return await _connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), TestContext.Current.CancellationToken);
    }
}
