using Millpond.Debezium.Queues;
using Millpond.Engines.Live;
using Millpond.Feeds;
using Millpond.Runtime;
using Millpond.Testing.Conformance;

namespace Millpond.Debezium.Live.Tests.Live;

/// <summary>A queue with Debezium's messages as a source under test, in real time; every case with a queue of its own, and a way to the broker that can be cut.</summary>
internal sealed class QueueFixture(RabbitServer server, string queue) : IFeedFixture
{
    /// <summary>A message is a row, whatever was committed with it; Debezium cannot be asked for a sign of life; and nobody leads.</summary>
    public const FeedNeeds Tells = FeedNeeds.Truncate | FeedNeeds.History | FeedNeeds.OldValues;

    private readonly QueueCarrier _carrier = new(server.Uri, queue);
    private readonly Relay _relay = Relay.To(server.Port);
    private readonly RowsWritten _rows = new();

    public string Table => "public.things";

    public FeedNeeds Has => Tells;

    public IChangeFeed NewFeed() =>
        new DebeziumQueueFeed("cases", new DebeziumQueueOptions { Broker = RabbitServer.UriAt(_relay.Port), Queues = [queue], AppliedAgainAfter = TimeSpan.FromMilliseconds(100), SilenceMax = TimeSpan.FromSeconds(2) }, Surroundings.Real);

    public async ValueTask CommitAsync(params IReadOnlyList<RowWrite> writes)
    {
        foreach (var write in writes)
        {
            var (op, before, after) = _rows.Add(write);
            await _carrier.AddAsync("", Written.Envelope(op, before, after));
            if (op == "d")
            {
                // As Debezium does behind a row that is gone, with what its sink writes for null.
                await _carrier.AddAsync("", "default");
            }
        }
    }

    public ValueTask RollBackAsync(params IReadOnlyList<RowWrite> writes) => throw new NotSupportedException("What is rolled back never reaches Debezium.");

    public ValueTask BreakAsync()
    {
        _relay.Drop();
        return ValueTask.CompletedTask;
    }

    public async ValueTask LoseHistoryAsync() => await _carrier.DeleteQueueAsync();

    public async ValueTask AdvanceAsync(TimeSpan time) => await Task.Delay(time);

    public async ValueTask DisposeAsync()
    {
        await _carrier.DisposeAsync();
        await _relay.DisposeAsync();
    }
}
