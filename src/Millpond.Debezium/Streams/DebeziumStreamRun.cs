using Millpond.Debezium.Applying;
using Millpond.Debezium.Envelopes;
using Millpond.Feeds;
using Millpond.Runtime;

namespace Millpond.Debezium.Streams;

/// <summary>One run of whoever has the lead: takes over what was left, reads what is new, acknowledges what is done.</summary>
internal sealed class DebeziumStreamRun(IFeedSink sink, IReadOnlyList<StreamGroup> groups, IReadOnlyList<string> made, StreamLead lead, DebeziumStreamOptions options, Surroundings surroundings)
{
    private static readonly TimeSpan LossPeriod = TimeSpan.FromSeconds(1);

    private readonly EnvelopeReader _reader = new(options);
    private readonly EventApplier _applier = new(sink, options, EventApplier.Acknowledges.WhenFinal, surroundings);
    private readonly Queue<(FeedPosition Position, StreamGroup Group, string Id)> _unacknowledged = new();
    private readonly HashSet<(StreamGroup Group, string Id)> _held = [];
    private readonly HashSet<string> _lost = [];
    private long _claimedAt = surroundings.Now;
    private long _lossAt = long.MinValue / 2;

    public Task FollowAsync(CancellationToken stop) => SideBySide.RunAsync(stop, _applier.RunAsync, ReadAsync);

    private async Task ReadAsync(CancellationToken stop)
    {
        foreach (var stream in made)
        {
            Doubt($"The consumer group on the stream {stream} was not there and has been made: what it held before is not known.");
        }

        await TakeOverAsync(TimeSpan.Zero, stop).ConfigureAwait(false);
        while (true)
        {
            await lead.RenewAsync(stop).ConfigureAwait(false);
            if (surroundings.Now - _claimedAt >= options.SilenceMax.Ticks)
            {
                // An instance that was frozen may have asked for messages after this one took over, and was given them before it noticed.
                _claimedAt = surroundings.Now;
                await TakeOverAsync(options.SilenceMax, stop).ConfigureAwait(false);
            }

            await LookForLossAsync(stop).ConfigureAwait(false);
            var isIdle = true;

            // What waits to be applied again is still in the streams; there is no need to have it all here.
            foreach (var group in _applier.Waits < EventApplier.WaitingMax ? groups : [])
            {
                var entries = await group.ReadAsync(stop).ConfigureAwait(false);
                isIdle &= entries.Count == 0;
                await ApplyAsync(group, entries, stop).ConfigureAwait(false);
            }

            await AcknowledgeAsync(stop).ConfigureAwait(false);
            await surroundings.Delay(isIdle ? options.PollPeriod : TimeSpan.Zero, stop).ConfigureAwait(false);
        }
    }

    private async Task TakeOverAsync(TimeSpan idle, CancellationToken stop)
    {
        foreach (var group in groups)
        {
            var cursor = "0-0";
            do
            {
                (cursor, var entries, var gone) = await group.ClaimAsync(cursor, idle, stop).ConfigureAwait(false);
                if (gone > 0)
                {
                    Doubt($"{gone} messages of the stream {group.Stream} had been read and not applied when they were taken away.");
                }

                await ApplyAsync(group, entries, stop).ConfigureAwait(false);
                await lead.RenewAsync(stop).ConfigureAwait(false);
            }
            while (cursor != "0-0");
        }
    }

    private async Task ApplyAsync(StreamGroup group, IReadOnlyList<StreamEntry> entries, CancellationToken stop)
    {
        List<string> nothing = [];
        foreach (var entry in entries.Where(one => !_held.Contains((group, one.Id))))
        {
            if (_applier.Apply(Read(entry)) is { } applied)
            {
                _unacknowledged.Enqueue((applied.Position, group, entry.Id));
                _held.Add((group, entry.Id));
            }
            else
            {
                nothing.Add(entry.Id);
            }
        }

        if (nothing.Count > 0)
        {
            await group.AcknowledgeAsync(nothing, options.Applied == AppliedMessages.Deleted, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Debezium Server writes a message as one pair of key and value, or as the pairs <c>key</c> and <c>value</c> with others behind them.</summary>
    private DebeziumEvent Read(StreamEntry entry)
    {
        ReadOnlyMemory<byte> key = default, value = default;
        var isExtended = false;
        for (var i = 0; i + 1 < entry.Fields.Count; i += 2)
        {
            switch (entry.Fields[i].Text)
            {
                case "key":
                    key = entry.Fields[i + 1].Bytes;
                    break;
                case "value":
                    (value, isExtended) = (entry.Fields[i + 1].Bytes, true);
                    break;
            }
        }

        if (!isExtended)
        {
            if (entry.Fields.Count != 2)
            {
                return DebeziumEvent.Refused($"it has {entry.Fields.Count} fields and none of the name 'value'; Debezium Server writes 'compact' or 'extended' messages.");
            }

            (key, value) = (entry.Fields[0].Bytes, entry.Fields[1].Bytes);
        }

        return key.Length + (long)value.Length > options.MessageBytesMax ? DebeziumEvent.Refused($"it has more bytes than {nameof(DebeziumOptions.MessageBytesMax)} allows ({options.MessageBytesMax}).") : _reader.Read(key, value);
    }

    private async Task AcknowledgeAsync(CancellationToken stop)
    {
        if (sink.Confirmed is not { } confirmed)
        {
            return;
        }

        List<(StreamGroup Group, string Id)> done = [];
        while (_unacknowledged.TryPeek(out var first) && first.Position.CompareTo(confirmed) <= 0)
        {
            _unacknowledged.Dequeue();
            done.Add((first.Group, first.Id));
            _held.Remove((first.Group, first.Id));
        }

        foreach (var of in done.GroupBy(one => one.Group))
        {
            foreach (var some in of.Select(one => one.Id).Chunk(1_000))
            {
                await of.Key.AcknowledgeAsync(some, options.Applied == AppliedMessages.Deleted, stop).ConfigureAwait(false);
            }
        }
    }

    private async Task LookForLossAsync(CancellationToken stop)
    {
        var now = surroundings.Now;
        if (now - _lossAt < LossPeriod.Ticks)
        {
            return;
        }

        _lossAt = now;
        foreach (var group in groups)
        {
            // Said once, for as long as it lasts: what is missing stays missing until what is there has been read.
            if (!await group.HasLostAsync(stop).ConfigureAwait(false))
            {
                _lost.Remove(group.Stream);
            }
            else if (_lost.Add(group.Stream))
            {
                Doubt($"Messages of the stream {group.Stream} were taken away before they were read: it is trimmed too soon.");
            }
        }
    }

    private void Doubt(string why) => _applier.Apply(new DebeziumEvent { Kind = DebeziumKind.Lost, Why = why });
}
