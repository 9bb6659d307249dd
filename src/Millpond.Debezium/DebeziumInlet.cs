using Millpond.Debezium.Applying;
using Millpond.Debezium.Envelopes;
using Millpond.Feeds;
using Millpond.Runtime;

namespace Millpond.Debezium;

/// <summary>
/// Takes messages of Debezium's from whatever carries them, and says when each may be acknowledged. What arrives by HTTP enters here; a program that reads a broker itself hands over what it reads. Made by <c>AddDebeziumInlet</c> and injected under the feed's
/// name. Of several instances of a program each applies what it is given; order makes no difference, because changes carry no values.
/// </summary>
public sealed class DebeziumInlet
{
    private readonly string _feed;
    private readonly DebeziumOptions _options;
    private readonly EnvelopeReader _reader;
    private readonly Surroundings _surroundings;
    private InletRun? _run;

    internal DebeziumInlet(string feed, DebeziumOptions options, Surroundings surroundings) => (_feed, _options, _reader, _surroundings) = (feed, options, new EnvelopeReader(options), surroundings);

    /// <summary>The bytes of a message, past which it is refused unread.</summary>
    public int MessageBytesMax => _options.MessageBytesMax;

    /// <summary>Applies a message. Completes when the shared tier has acknowledged it, so that it may be acknowledged to its carrier. What cannot be understood makes doubtful what it may concern, and completes too: sending it again would not help.</summary>
    /// <param name="value">Its value, as Debezium's JSON converter writes it; empty for a tombstone. Not looked at any more once the call has returned a task.</param>
    /// <param name="key">Its key; empty if the carrier has none.</param>
    /// <param name="cancellationToken">Ends the wait; the message may have been applied.</param>
    /// <exception cref="MillpondException">MP1603: the feed does not run at present, or ended before the message was acknowledged. Send it again.</exception>
    public Task ReceiveAsync(ReadOnlyMemory<byte> value, ReadOnlyMemory<byte> key = default, CancellationToken cancellationToken = default)
    {
        var run = Volatile.Read(ref _run) ?? throw NotFollowing(null);
        var told = value.Length + (long)key.Length > _options.MessageBytesMax
            ? DebeziumEvent.Refused($"it has {value.Length + (long)key.Length} bytes, more than {nameof(DebeziumOptions.MessageBytesMax)} allows ({_options.MessageBytesMax}).")
            : _reader.Read(key, value);
        return run.Applier.Apply(told) is { } applied ? WaitAsync(run, applied.Forgettable, cancellationToken) : Task.CompletedTask;
    }

    internal async Task FollowAsync(IFeedSink sink, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var run = new InletRun(new EventApplier(sink, _options, EventApplier.Acknowledges.WhenApplied, _surroundings), ended.Token);

        // Whoever sends remembers where it was; the numbers are this run's own.
        sink.StartAt(default, "inlet");
        sink.OnState(FeedState.Following, "messages that are brought to it.");
        Volatile.Write(ref _run, run);
        try
        {
            await run.Applier.RunAsync(stop).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _run, null);
            run.Applier.SettleAll();
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task WaitAsync(InletRun run, Task forgettable, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, run.Ended);
        try
        {
            await forgettable.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (run.Ended.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw NotFollowing("ended before the message was acknowledged");
        }
    }

    private MillpondException NotFollowing(string? what) =>
        new(ErrorCode.FeedNotFollowing, $"change feed '{_feed}' {what ?? "does not run at present, so nobody applies what is brought to it"}. Send the message again; if this lasts, look at the feed's state in the statistics, and whether the host has been started.");

    private sealed record InletRun(EventApplier Applier, CancellationToken Ended);
}

/// <summary>The feed that applies what an inlet is given.</summary>
internal sealed class DebeziumInletFeed(DebeziumInlet inlet) : IChangeFeed
{
    public Task FollowAsync(IFeedSink sink, CancellationToken stop) => inlet.FollowAsync(sink, stop);
}
