using Millpond.Debezium.Queues;
using Millpond.Engines.Live;
using Millpond.Feeds;
using Millpond.Resp;
using Millpond.Runtime;
using Millpond.Testing.Conformance;
using Millpond.Testing.Feeds;
using RabbitMQ.Client;

namespace Millpond.Debezium.Live.Tests.Live;

/// <summary>Debezium's messages in queues of a real RabbitMQ: the contract of change feeds, processes that are killed, and a broker that is.</summary>
public sealed class Queues(Broker broker) : IClassFixture<Broker>
{
    private static int _queues;

    private readonly string _queue = $"things.{Interlocked.Increment(ref _queues)}";

    public static TheoryData<string> Names => [.. FeedConformance.Cases.Where(one => (one.Needs & ~QueueFixture.Tells) == 0).Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Case(string name)
    {
        await using var fixture = new QueueFixture(broker.Server, _queue);
        await FeedConformance.Cases.Single(one => one.Name == name).RunAsync(fixture);
    }

    [Fact]
    public async Task A18_A19_processes_and_the_broker_are_killed_and_nothing_is_lost()
    {
        await using var shared = await RedisServer.StartAsync();
        await using var client = new RespClient(RespOptions.Parse(shared.Address));
        await using var carrier = new QueueCarrier(broker.Server.Uri, _queue);
        await Deaths.RunAsync(carrier, client, shared, async kill =>
        {
            if (kill == 1)
            {
                await broker.Server.KillAsync();
                await broker.Server.LaunchAsync();
            }
        });
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("x", "MessageBytesMax")]
    public async Task What_cannot_be_understood_is_doubted_and_acknowledged(string filling, string why)
    {
        await using var carrier = new QueueCarrier(broker.Server.Uri, _queue);
        var sink = new RecordingFeedSink(new FeedTable("public.things", ["id"])) { ConfirmsAtOnce = true };
        await FollowingAsync(sink, async () =>
        {
            await carrier.AddAsync("", $"{{{new string(filling.FirstOrDefault(' '), filling.Length * 5_000)}");
            await Deaths.UntilAsync(() => Task.FromResult(sink.Transactions.SelectMany(one => one.Doubts).Any(doubt => doubt.Detail.Contains(why, StringComparison.Ordinal))), "it is doubted");
            await carrier.AddAsync("", Written.Envelope("u", new { id = 5 }, new { id = 5 }));
            await Deaths.UntilAsync(() => Task.FromResult(sink.Transactions.Any(one => one.Rows.Count > 0)), "what is behind it is told");
        });

        // The broker takes back what is not acknowledged when a follower ends, so some time later nothing may be there.
        for (var wait = 0; wait < 40 && await carrier.CountAsync() > 0; wait++)
        {
            await FollowingAsync(new RecordingFeedSink(new FeedTable("public.things", ["id"])) { ConfirmsAtOnce = true }, () => Task.Delay(50 * wait));
        }

        Assert.Equal(0u, await carrier.CountAsync());
    }

    [Fact]
    public async Task Messages_that_the_broker_does_not_keep_are_doubted_when_the_connection_is_lost()
    {
        await using var relay = Relay.To(broker.Server.Port);
        await using var carrier = new QueueCarrier(broker.Server.Uri, _queue) { Mode = DeliveryModes.Transient };
        var feed = NewFeed(RabbitServer.UriAt(relay.Port));
        var sink = new RecordingFeedSink(new FeedTable("public.things", ["id"])) { ConfirmsAtOnce = true };
        var running = feed.FollowAsync(sink, TestContext.Current.CancellationToken);
        await Deaths.UntilAsync(() => Task.FromResult(sink.States.Contains(FeedState.Following)), "it follows");
        await carrier.AddAsync("", Written.Envelope("u", new { id = 5 }, new { id = 5 }));
        await Deaths.UntilAsync(() => Task.FromResult(sink.Transactions.Any(one => one.Rows.Count > 0)), "the row is told");
        relay.Drop();
        await Assert.ThrowsAnyAsync<Exception>(() => running);

        var next = new RecordingFeedSink(new FeedTable("public.things", ["id"])) { ConfirmsAtOnce = true };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        running = feed.FollowAsync(next, stop.Token);
        await Deaths.UntilAsync(() => Task.FromResult(next.Transactions.SelectMany(one => one.Doubts).Any(doubt => doubt.Detail.Contains("delivery mode", StringComparison.Ordinal))), "it is doubted");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task No_more_messages_are_under_way_than_the_limit_says()
    {
        await using var carrier = new QueueCarrier(broker.Server.Uri, _queue);
        var never = new RecordingFeedSink(new FeedTable("public.things", ["id"]));
        await FollowingAsync(never, async () =>
        {
            for (var id = 1; id <= 5; id++)
            {
                await carrier.AddAsync("", Written.Envelope("u", new { id }, new { id }));
            }

            await Deaths.UntilAsync(async () => await carrier.CountAsync() == 3, "three are left with the broker");
        }, options => options with { UnacknowledgedMax = 2 });
        Assert.Equal(2, never.Transactions.Sum(one => one.Rows.Count));
    }

    [Fact]
    public async Task A_process_that_hangs_loses_its_messages_to_another()
    {
        await using var relay = Relay.To(broker.Server.Port);
        await using var carrier = new QueueCarrier(broker.Server.Uri, _queue);
        var hung = new RecordingFeedSink(new FeedTable("public.things", ["id"]));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var hanging = NewFeed(RabbitServer.UriAt(relay.Port)).FollowAsync(hung, stop.Token);
        await Deaths.UntilAsync(() => Task.FromResult(hung.States.Contains(FeedState.Following)), "it follows");
        await carrier.AddAsync("", Written.Envelope("u", new { id = 5 }, new { id = 5 }));
        await Deaths.UntilAsync(() => Task.FromResult(hung.Transactions.Any(one => one.Rows.Count > 0)), "it has taken the message");
        relay.Stall();
        var other = new RecordingFeedSink(new FeedTable("public.things", ["id"])) { ConfirmsAtOnce = true };
        await FollowingAsync(other, () => Deaths.UntilAsync(() => Task.FromResult(other.Transactions.Any(one => one.Rows.Count > 0)), "another is given it"));
        relay.Drop();
        await Assert.ThrowsAnyAsync<Exception>(() => hanging);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_named_without_its_password()
    {
        var nobody = new UriBuilder("amqp", "127.0.0.1", EngineProcess.FreePort()) { UserName = "millpond", Password = "hush" }.Uri;
        var away = await Assert.ThrowsAsync<IOException>(() => NewFeed(nobody).FollowAsync(new RecordingFeedSink(new FeedTable("public.things", ["id"])), TestContext.Current.CancellationToken));
        Assert.Contains($"127.0.0.1:{nobody.Port}", away.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", away.ToString(), StringComparison.Ordinal);
    }

    private async Task FollowingAsync(RecordingFeedSink sink, Func<Task> act, Func<DebeziumQueueOptions, DebeziumQueueOptions>? options = null)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = NewFeed(broker.Server.Uri, options).FollowAsync(sink, stop.Token);
        await Deaths.UntilAsync(() => Task.FromResult(sink.States.Contains(FeedState.Following)), "it follows");
        await act();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private DebeziumQueueFeed NewFeed(Uri uri, Func<DebeziumQueueOptions, DebeziumQueueOptions>? options = null)
    {
        var given = new DebeziumQueueOptions { Broker = uri, Queues = [_queue], AppliedAgainAfter = TimeSpan.FromMilliseconds(100), MessageBytesMax = 4_096, SilenceMax = TimeSpan.FromSeconds(2) };
        return new("cases", options?.Invoke(given) ?? given, Surroundings.Real);
    }
}

/// <summary>A node that these tests share, since it takes seconds to start.</summary>
public sealed class Broker : IAsyncLifetime
{
    public RabbitServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RabbitServer.StartAsync();

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
