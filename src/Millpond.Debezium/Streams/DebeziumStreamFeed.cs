using System.Globalization;
using Millpond.Feeds;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Debezium.Streams;

/// <summary>
/// Follows the Redis Streams that Debezium Server writes, as a consumer group: what was read and not acknowledged is taken over by whoever follows next, and a message is acknowledged when it has been applied for good.
/// </summary>
/// <remarks>
/// What the server lost is not known: messages that were trimmed before they were read, a group or a stream that is not there any more, a server that restarted or failed over, which may have lost what it had told Debezium it had. Each makes everything that is followed doubtful.
/// </remarks>
internal sealed class DebeziumStreamFeed(string name, DebeziumStreamOptions options, Surroundings surroundings) : IChangeFeed, IAsyncDisposable
{
    private static readonly TimeSpan StandbyPeriod = TimeSpan.FromMilliseconds(200);

    private readonly RespClient _client = new(options.Redis!, surroundings.Time);
    private readonly string _group = options.Group ?? "millpond-" + name;
    private readonly string _consumer = NameOf(surroundings.NextNonce());

    public async Task FollowAsync(IFeedSink sink, CancellationToken stop)
    {
        sink.OnState(FeedState.Connecting, "connecting to the streams' server.");
        var lead = new StreamLead(_client, $"millpond:lead:{_group}:{options.Streams[0]}", _consumer, options.SilenceMax, surroundings);
        while (!await lead.TryTakeAsync(stop).ConfigureAwait(false))
        {
            sink.OnState(FeedState.Standby, $"another instance follows as group {_group}.");
            await surroundings.Delay(StandbyPeriod * (0.75 + (0.5 * surroundings.NextDouble())), stop).ConfigureAwait(false);
        }

        try
        {
            StreamGroup[] groups = [.. options.Streams.Select(stream => new StreamGroup(_client, stream, _group, _consumer))];
            List<string> made = [];
            foreach (var group in groups)
            {
                if (await group.EnsureAsync(stop).ConfigureAwait(false))
                {
                    made.Add(group.Stream);
                }
            }

            // Positions are this run's own: what is left of a stream is in the group itself.
            var lives = string.Join(',', _client.Servers.Select(server => server.Incarnation).Order(StringComparer.Ordinal));
            sink.StartAt(default, $"{_group}@{lives}");
            sink.OnState(FeedState.Following, $"{groups.Length} streams as group {_group}.");
            await new DebeziumStreamRun(sink, groups, made, lead, options, surroundings).FollowAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            await lead.LetGoAsync().ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private static string NameOf(Shared.Nonce nonce) => string.Create(CultureInfo.InvariantCulture, $"{nonce.High:x16}{nonce.Low:x16}");
}
