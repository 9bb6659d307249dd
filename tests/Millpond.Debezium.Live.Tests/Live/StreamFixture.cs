using System.Text.Json;
using Millpond.Debezium.Streams;
using Millpond.Engines.Live;
using Millpond.Feeds;
using Millpond.Resp;
using Millpond.Runtime;
using Millpond.Testing.Conformance;

namespace Millpond.Debezium.Live.Tests.Live;

/// <summary>A Redis Stream with Debezium's messages as a source under test, in real time; every case with a stream of its own.</summary>
internal sealed class StreamFixture(RedisServer server, bool isExtended) : IFeedFixture
{
    private static int _streams;

    private readonly RespClient _client = new(RespOptions.Parse(server.Address));
    private readonly string _stream = $"shop.public.things.{Interlocked.Increment(ref _streams)}";
    private readonly RowsWritten _rows = new();
    private readonly List<DebeziumStreamFeed> _feeds = [];

    public string Table => "public.things";

    // A message is a row, whatever was committed with it; and Debezium cannot be asked for a sign of life.
    public FeedNeeds Has => FeedNeeds.Truncate | FeedNeeds.History | FeedNeeds.Leadership | FeedNeeds.OldValues;

    public IChangeFeed NewFeed()
    {
        var options = new DebeziumStreamOptions { Redis = RespOptions.Parse(server.Address), Streams = [_stream], AppliedAgainAfter = TimeSpan.FromMilliseconds(100) };
        var feed = new DebeziumStreamFeed("cases", options, Surroundings.Real);
        _feeds.Add(feed);
        return feed;
    }

    public async ValueTask CommitAsync(params IReadOnlyList<RowWrite> writes)
    {
        foreach (var write in writes)
        {
            var (op, before, after) = _rows.Add(write);
            var key = JsonSerializer.Serialize(new { id = write.Id });
            await Written.AddAsync(_client, _stream, op == "t" ? "default" : key, Written.Envelope(op, before, after), isExtended);
            if (op == "d")
            {
                // As Debezium does behind a row that is gone, with what its sink writes for null.
                await Written.AddAsync(_client, _stream, key, "default", isExtended);
            }
        }
    }

    public ValueTask RollBackAsync(params IReadOnlyList<RowWrite> writes) => throw new NotSupportedException("What is rolled back never reaches Debezium.");

    public async ValueTask BreakAsync() => await _client.ExecuteAsync("CLIENT", "KILL", "SKIPME", "yes");

    public async ValueTask LoseHistoryAsync() => await _client.ExecuteAsync("XTRIM", _stream, "MAXLEN", 0);

    public async ValueTask AdvanceAsync(TimeSpan time) => await Task.Delay(time);

    public async ValueTask DisposeAsync()
    {
        foreach (var feed in _feeds)
        {
            await feed.DisposeAsync();
        }

        await _client.DisposeAsync();
    }
}
