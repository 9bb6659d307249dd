using System.Runtime.CompilerServices;
using Millpond.Redis.Layout;
using Millpond.Redis.Probing;
using Millpond.Redis.Pushes;
using Millpond.Redis.Requests;
using Millpond.Redis.Runtime;
using Millpond.Resp;
using Millpond.Runtime;
using Millpond.Shared;

namespace Millpond.Redis;

/// <summary>The operations of the contract in one partition.</summary>
internal sealed class RedisPartition(PartitionKeys keys, RespClient client, Engine engine, ServerClocks clocks, Surroundings surroundings) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private PartitionChannel? _channel;
    private KnownControl? _known;

    public PartitionKeys Keys => keys;

    /// <summary>A hit is one plain read. Only what must write, or cannot be judged without the engine's own time, is a step.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadReply> ReadAsync(string text, LeaseAsk? ask, CancellationToken cancellationToken)
    {
        try
        {
            var read = await client.SendAsync<PlainReadOfOne, PlainReply>(new PlainReadOfOne(keys, text), cancellationToken).ConfigureAwait(false);
            return TryUse(read, read.Only, ask is null) is { } reply ? reply : await ReadStepAsync(text, ask, cancellationToken).ConfigureAwait(false);
        }
        catch (RespException failure)
        {
            throw Failures.Of("read", keys.Id, failure);
        }
    }

    /// <summary>What a plain read suffices for, if it does; takes the record's bytes either way.</summary>
    public ReadReply? TryUse(in PlainReply read, PooledBytes? record, bool onlyReads)
    {
        if (!read.IsCurrent || clocks.AtMost(read.Life, surroundings.Now) is not { } time)
        {
            record?.Dispose();
            return null;
        }

        var state = read.Control!.Value.State;
        if (record is not null && RecordReplies.HasPlainValue(record.Memory.Span, time))
        {
            return RecordReplies.WithValue(record, time, state);
        }

        record?.Dispose();
        return record is null && onlyReads ? new ReadReply { State = state } : null;
    }

    public async ValueTask<ReadReply> ReadStepAsync(string text, LeaseAsk? ask, CancellationToken cancellationToken)
    {
        var replies = await ReadStepAsync([text], ask is { } one ? [one] : [], cancellationToken).ConfigureAwait(false);
        return replies[0];
    }

    public async ValueTask<ReadReply[]> ReadStepAsync(IReadOnlyList<string> texts, IReadOnlyList<LeaseAsk> asks, CancellationToken cancellationToken)
    {
        var askedAt = surroundings.Now;
        var steps = (await engine.FoundAsync(cancellationToken).ConfigureAwait(false)).Steps;
        var (step, records) = await steps.ReadAsync(keys, texts, asks, cancellationToken).ConfigureAwait(false);
        Learn(step, askedAt);
        var replies = new ReadReply[texts.Count];
        for (var i = 0; i < replies.Length; i++)
        {
            var (bytes, lease) = records[i];
            replies[i] = bytes is null ? new ReadReply { Lease = lease, State = step.Control.State }
                : RecordReplies.WithValue(bytes, step.Time, step.Control.State) is { } reply ? reply
                : await ReadUnreadableAsync(texts[i], asks.Count == 0 ? null : asks[i], step, cancellationToken).ConfigureAwait(false);
        }

        return replies;
    }

    public ValueTask<LeaseReply> AcquireAsync(string text, LeaseAsk ask, CancellationToken cancellationToken) => StepAsync("acquire", static async (partition, given, token) =>
    {
        var steps = (await partition.FoundAsync(token).ConfigureAwait(false)).Steps;
        var askedAt = partition.Now;
        var (step, outcome) = await steps.AcquireAsync(partition.Keys, given.text, given.ask, token).ConfigureAwait(false);
        partition.Learn(step, askedAt);
        return new LeaseReply((LeaseOutcome)outcome, step.Control.State);
    }, (text, ask), cancellationToken);

    public ValueTask<FillReply> FillAsync(Fill fill, CancellationToken cancellationToken) => StepAsync("fill", static async (partition, fill, token) =>
    {
        var steps = (await partition.FoundAsync(token).ConfigureAwait(false)).Steps;
        var askedAt = partition.Now;
        var (step, outcome) = await steps.FillAsync(partition.Keys, fill, token).ConfigureAwait(false);
        partition.Learn(step, askedAt);
        return new FillReply((FillOutcome)outcome, step.Control.State);
    }, fill, cancellationToken);

    public ValueTask<ChangeReply> PutAsync(string text, SharedRecord record, CancellationToken cancellationToken) => StepAsync("put", static async (partition, given, token) =>
    {
        var steps = (await partition.FoundAsync(token).ConfigureAwait(false)).Steps;
        var step = await steps.PutAsync(partition.Keys, given.text, given.record, token).ConfigureAwait(false);
        return new ChangeReply(step.Control.State);
    }, (text, record), cancellationToken);

    public async ValueTask ReleaseAsync(string text, Nonce nonce, CancellationToken cancellationToken) => await StepAsync("release", static async (partition, given, token) =>
    {
        var steps = (await partition.FoundAsync(token).ConfigureAwait(false)).Steps;
        return await steps.ReleaseAsync(partition.Keys, given.text, given.nonce, token).ConfigureAwait(false);
    }, (text, nonce), cancellationToken).ConfigureAwait(false);

    public ValueTask<ChangeReply> ChangeAsync(IReadOnlyList<Change> changes, CancellationToken cancellationToken) => StepAsync("change", static async (partition, changes, token) =>
    {
        var steps = (await partition.FoundAsync(token).ConfigureAwait(false)).Steps;
        var step = await steps.ChangeAsync(partition.Keys, changes, token).ConfigureAwait(false);
        return new ChangeReply(step.Control.State);
    }, changes, cancellationToken);

    public ValueTask<CounterReply> CountAsync(string text, CounterAsk ask, CancellationToken cancellationToken) => StepAsync("count", static async (partition, given, token) =>
    {
        var steps = (await partition.FoundAsync(token).ConfigureAwait(false)).Steps;
        return await steps.CountAsync(partition.Keys, given.text, given.ask, token).ConfigureAwait(false);
    }, (text, ask), cancellationToken);

    /// <summary>A heartbeat is a plain read while nothing has changed. Whatever has, and once an hour, is read in a step, which also keeps the partition's own keys from expiring.</summary>
    public ValueTask<ControlReply> ReadControlAsync(long since, Incarnation incarnation, CancellationToken cancellationToken) => StepAsync("read control", static async (partition, asked, token) =>
    {
        var askedAt = partition.Now;
        if (Volatile.Read(ref partition._known) is { } known && known.Answers(asked.since, asked.incarnation, askedAt))
        {
            var beat = await partition.BeatAsync(token).ConfigureAwait(false);
            if (beat is { IsCurrent: true, Control: { } control } && control == known.Control)
            {
                return known.Reply;
            }
        }

        var steps = (await partition.FoundAsync(token).ConfigureAwait(false)).Steps;
        askedAt = partition.Now;
        var (step, floors, changes) = await steps.ReadControlAsync(partition.Keys, asked.since, asked.incarnation, token).ConfigureAwait(false);
        partition.Learn(step, askedAt);
        var reply = new ControlReply { State = step.Control.State, KeyspaceFloor = step.Control.KeyspaceFloor, Floors = floors, ChangesSince = changes };
        Volatile.Write(ref partition._known, new KnownControl(step.Control, reply, askedAt));
        return reply;
    }, (since, incarnation), cancellationToken);

    public async ValueTask WaitAsync(string text, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            await new LeaseWatch(keys, Volatile.Read(ref _channel), client, clocks, surroundings).WaitAsync(text, patience, cancellationToken).ConfigureAwait(false);
        }
        catch (RespException failure)
        {
            throw Failures.Of("wait", keys.Id, failure);
        }
    }

    public async ValueTask<IAsyncDisposable> SubscribeAsync(IPushSink sink, CancellationToken cancellationToken)
    {
        try
        {
            var found = await engine.FoundAsync(cancellationToken).ConfigureAwait(false);
            return await ChannelFor(found).SubscribeAsync(sink, cancellationToken).ConfigureAwait(false);
        }
        catch (RespException failure)
        {
            throw Failures.Of("subscribe", keys.Id, failure);
        }
    }

    public ValueTask DisposeAsync() => Volatile.Read(ref _channel)?.DisposeAsync() ?? ValueTask.CompletedTask;

    private long Now => surroundings.Now;

    private ValueTask<Found> FoundAsync(CancellationToken cancellationToken) => engine.FoundAsync(cancellationToken);

    private void Learn(in StepReply step, long askedAt) => clocks.Learn(step.Life, step.Time, askedAt);

    private PartitionChannel ChannelFor(Found found)
    {
        lock (_gate)
        {
            return _channel ??= new PartitionChannel(client, keys, found.IsSharded, surroundings);
        }
    }

    // A value that another version wrote counts as none; the lease that goes with none is asked for apart, because the step saw a value.
    private async ValueTask<ReadReply> ReadUnreadableAsync(string text, LeaseAsk? ask, StepReply step, CancellationToken cancellationToken)
    {
        if (ask is not { } wish)
        {
            return new ReadReply { State = step.Control.State };
        }

        var lease = await AcquireAsync(text, wish, cancellationToken).ConfigureAwait(false);
        return new ReadReply { Lease = lease.Outcome, State = lease.State };
    }

    // Control record and time together: every heartbeat is also what ages are worked out from.
    private async ValueTask<PlainReply> BeatAsync(CancellationToken cancellationToken)
    {
        var askedAt = surroundings.Now;
        var time = client.SendAsync<ServerTime, (ulong Life, long Time)>(new ServerTime(keys.Slot), cancellationToken);
        PlainReply read;
        try
        {
            read = await client.SendAsync<PlainRead, PlainReply>(new PlainRead(keys, Array.Empty<byte[]>()), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            var (life, shown) = await time.ConfigureAwait(false);
            clocks.Learn(life, shown, askedAt);
        }

        return read;
    }

    private async ValueTask<TResult> StepAsync<TGiven, TResult>(
        string operation, Func<RedisPartition, TGiven, CancellationToken, ValueTask<TResult>> step, TGiven given, CancellationToken cancellationToken)
    {
        try
        {
            return await step(this, given, cancellationToken).ConfigureAwait(false);
        }
        catch (RespException failure)
        {
            throw Failures.Of(operation, keys.Id, failure);
        }
    }
}
