using Millpond.Debezium;
using Millpond.Debezium.Queues;

namespace Millpond;

/// <summary>Follows other databases through Debezium and RabbitMQ.</summary>
public static class DebeziumQueueMillpondBuilderExtensions
{
    /// <summary>Takes what Debezium Server's sink <c>rabbitmq</c> writes to queues, and makes stale what the keyspaces' rules (<c>ChangedBy</c>) say. Every instance of the program may take from the same queues: each applies what it is given, for all.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="name">The feed's name: the same in every process on the same shared tier.</param>
    /// <param name="broker">The broker: <c>amqp://user:password@host:5672/vhost</c>.</param>
    /// <param name="queues">The queues.</param>
    /// <param name="options">Changes the other options; null for the defaults.</param>
    /// <returns>The builder.</returns>
    /// <exception cref="MillpondException">MP1001: the options have faults; the message lists all of them.</exception>
    public static MillpondBuilder AddDebeziumQueues(this MillpondBuilder builder, string name, Uri broker, IReadOnlyList<string> queues, Func<DebeziumQueueOptions, DebeziumQueueOptions>? options = null)
    {
        var given = new DebeziumQueueOptions { Broker = broker, Queues = queues };
        given = options?.Invoke(given) ?? given;
        DebeziumDeclaring.Check(name, given);
        return builder.AddChangeFeed(name, services => new DebeziumQueueFeed(name, given, DebeziumDeclaring.SurroundingsOf(services)));
    }
}
