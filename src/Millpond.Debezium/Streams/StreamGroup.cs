using System.Text;
using Millpond.Resp;

namespace Millpond.Debezium.Streams;

/// <summary>A message of a stream: its id, and the pairs that it holds.</summary>
internal readonly record struct StreamEntry(string Id, IReadOnlyList<RespValue> Fields);

/// <summary>A consumer group on one stream. Every question is short: none waits on the server, since the connection is shared.</summary>
internal sealed class StreamGroup(RespClient client, string stream, string group, string consumer)
{
    private const string IsThere = "BUSYGROUP";

    private readonly int _slot = RespSlot.Of(Encoding.UTF8.GetBytes(stream));

    // A message may be megabytes.
    private const long ReadAtOnce = 200;

    public string Stream => stream;

    /// <summary>Makes the group, at the stream's beginning, if it is not there.</summary>
    /// <returns>Whether it was made, so that nothing is known of what came before.</returns>
    public async Task<bool> EnsureAsync(CancellationToken stop)
    {
        // With a count of what it has read, of which version 6 knows nothing; without it, loss cannot be told.
        RespArgument[] create = ["CREATE", stream, group, "0", "MKSTREAM"];
        try
        {
            await AskAsync("XGROUP", [.. create, "ENTRIESREAD", 0L], stop).ConfigureAwait(false);
            return true;
        }
        catch (RespServerException unknown) when (unknown.Kind == "ERR")
        {
            return await TryAsync(create, stop).ConfigureAwait(false);
        }
        catch (RespServerException there) when (there.Kind == IsThere)
        {
            return false;
        }
    }

    private async Task<bool> TryAsync(RespArgument[] create, CancellationToken stop)
    {
        try
        {
            await AskAsync("XGROUP", create, stop).ConfigureAwait(false);
            return true;
        }
        catch (RespServerException there) when (there.Kind == IsThere)
        {
            return false;
        }
    }

    /// <summary>Messages that nobody was given yet.</summary>
    public async Task<IReadOnlyList<StreamEntry>> ReadAsync(CancellationToken stop)
    {
        var reply = await AskAsync("XREADGROUP", ["GROUP", group, consumer, "COUNT", ReadAtOnce, "STREAMS", stream, ">"], stop).ConfigureAwait(false);

        // A map of streams, or a list of pairs, of which there is one.
        return reply.Items is not { Count: > 0 } items ? [] : items[0].Items is { Count: >= 2 } pair ? EntriesOf(pair[1]) : items.Count >= 2 ? EntriesOf(items[1]) : [];
    }

    /// <summary>Takes over what others, or this process before, were given and did not acknowledge.</summary>
    /// <param name="cursor">Where to go on; <c>0-0</c> at first.</param>
    /// <param name="idle">Only what was given so long ago.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>Where to go on, <c>0-0</c> at the end; the messages; and how many are not in the stream any more.</returns>
    public async Task<(string Cursor, IReadOnlyList<StreamEntry> Entries, int Gone)> ClaimAsync(string cursor, TimeSpan idle, CancellationToken stop)
    {
        var reply = await AskAsync("XAUTOCLAIM", [stream, group, consumer, (long)idle.TotalMilliseconds, cursor, "COUNT", ReadAtOnce], stop).ConfigureAwait(false);
        var items = reply.Items;
        if (items.Count < 2)
        {
            throw new IOException($"The server answers XAUTOCLAIM otherwise than Redis does: {reply.Type} of {items.Count}.");
        }

        // Before version 7 what is gone comes as null, and later by itself.
        var gone = items[1].Items.Count(one => one.IsNull) + (items.Count > 2 ? items[2].Items.Count : 0);
        return (items[0].Text!, EntriesOf(items[1]), gone);
    }

    public async Task AcknowledgeAsync(IReadOnlyList<string> ids, bool deletes, CancellationToken stop)
    {
        RespArgument[] named = [.. ids.Select(id => (RespArgument)id)];
        if (!deletes)
        {
            await AskAsync("XACK", [stream, group, .. named], stop).ConfigureAwait(false);
            return;
        }

        // Both or none: what was acknowledged and not deleted would stay for ever, and what was deleted and not acknowledged would be taken for lost.
        RespCommand[] both = [Command("MULTI"), Command("XACK", [stream, group, .. named]), Command("XDEL", [stream, .. named]), Command("EXEC")];
        var outcomes = new RespOutcome<RespValue>[both.Length];
        await client.SendBatchAsync<RespCommand, RespValue>(both, outcomes, stop).ConfigureAwait(false);
        foreach (var outcome in outcomes)
        {
            if (outcome.Error is { } failure)
            {
                throw new IOException($"Messages of the stream {stream} could not be acknowledged and deleted.", failure);
            }
        }
    }

    /// <summary>Whether messages went out of the stream that the group was never given, as when it is trimmed faster than it is read. Servers before version 7 do not tell.</summary>
    public async Task<bool> HasLostAsync(CancellationToken stop)
    {
        var groups = await AskAsync("XINFO", ["GROUPS", stream], stop).ConfigureAwait(false);
        var own = groups.Items.FirstOrDefault(one => one.Find("name")?.Text == group) ?? throw new IOException($"The consumer group {group} on the stream {stream} is gone; it is followed anew.");
        var all = await AskAsync("XINFO", ["STREAM", stream], stop).ConfigureAwait(false);
        return all.Find("entries-added") is { } added && all.Find("length") is { } length && own.Find("entries-read") is { IsNull: false } read && added.Integer - length.Integer > read.Integer;
    }

    private static IReadOnlyList<StreamEntry> EntriesOf(RespValue entries) =>
        [.. entries.Items.Where(one => one.Items.Count >= 2).Select(one => new StreamEntry(one.Items[0].Text ?? "", one.Items[1].Items))];

    private ValueTask<RespValue> AskAsync(string command, RespArgument[] arguments, CancellationToken stop) => client.ExecuteAsync(Command(command, arguments), stop);

    private RespCommand Command(string command, params RespArgument[] arguments) => new(command, arguments) { Slot = _slot, Traits = RespTraits.Large };
}
