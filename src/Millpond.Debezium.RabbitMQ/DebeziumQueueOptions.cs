namespace Millpond.Debezium;

/// <summary>How the queues that Debezium Server's sink <c>rabbitmq</c> writes are followed.</summary>
public sealed record DebeziumQueueOptions : DebeziumOptions
{
    /// <summary>The broker: <c>amqp://user:password@host:5672/vhost</c>, or <c>amqps</c> for TLS. Required.</summary>
    public Uri? Broker { get; init; }

    /// <summary>The queues: each Debezium's own routing key where that creates them, or one that is bound to its exchange. One that is not there is made, durable. Required.</summary>
    public IReadOnlyList<string> Queues { get; init; } = [];

    /// <summary>How many messages may be under way at once, unacknowledged; so many in the time of <see cref="DebeziumOptions.AppliedAgainAfter"/> is as fast as it gets. Default 4,000; from 1 to 10,000.</summary>
    public int UnacknowledgedMax { get; init; } = 4_000;

    /// <summary>After how long without a word from this process the broker gives its messages to another. Default 10 seconds; from 2 seconds to 2 minutes.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(10);

    internal override void Check(string feed, ICollection<string> faults)
    {
        base.Check(feed, faults);
        var place = $"change feed '{feed}'";
        if (Broker is not { IsAbsoluteUri: true, Scheme: "amqp" or "amqps" })
        {
            faults.Add($"{place} has no broker; give its URI: amqp://user:password@host:5672/vhost.");
        }

        if (Queues.Count is 0 or > 1_000 || Queues.Any(queue => string.IsNullOrWhiteSpace(queue) || queue.Length > 255) || Queues.Distinct(StringComparer.Ordinal).Count() != Queues.Count)
        {
            faults.Add($"{place} names {Queues.Count} queues; give 1 to 1,000, each once, with names of 1 to 255 characters.");
        }

        if (UnacknowledgedMax is < 1 or > 10_000)
        {
            faults.Add($"{place} has {nameof(UnacknowledgedMax)} {UnacknowledgedMax}; give 1 to 10,000.");
        }

        if (SilenceMax < TimeSpan.FromSeconds(2) || SilenceMax > TimeSpan.FromMinutes(2))
        {
            faults.Add($"{place} has {nameof(SilenceMax)} {SilenceMax}; give 2 seconds to 2 minutes.");
        }
    }
}
