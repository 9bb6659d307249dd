using Millpond.Redis.Layout;
using Millpond.Redis.Requests;
using Millpond.Resp;

namespace Millpond.Redis.Watched;

/// <summary>A session that steps use one after another.</summary>
internal sealed class PooledSession(RespSession session) : IAsyncDisposable
{
    /// <summary>Of the server at its other end, as it was when the connection was made.</summary>
    public ulong Life { get; } = ServerLife.Of(session.Server);

    public string Node => session.Server.Node;

    public bool IsConnected => session.IsConnected;

    /// <summary>Whether no step used it before.</summary>
    public bool IsNew { get; set; } = true;

    /// <summary>Whether something may still be watched.</summary>
    public bool HasWatches { get; set; }

    /// <summary>Whether a transaction was sent whose outcome is not known.</summary>
    public bool IsCommitting { get; private set; }

    /// <summary>Sends at once; what is sent without waiting travels together and is executed in its order.</summary>
    public Task<RespValue> TellAsync(in RespCommand command) => session.SendAsync<RespCommand, RespValue>(command).AsTask();

    /// <summary>Forgets what was watched before.</summary>
    public async ValueTask UnwatchAsync()
    {
        if (HasWatches)
        {
            await TellAsync(new RespCommand("UNWATCH")).ConfigureAwait(false);
            HasWatches = false;
        }
    }

    /// <summary>Reads a string, or the first bytes of one.</summary>
    public Task<PooledBytes?> ReadAsync(byte[] key, int bytesMax) => session.SendAsync<RecordRead, PooledBytes?>(new RecordRead(key, bytesMax)).AsTask();

    /// <summary>Makes a transaction of commands.</summary>
    /// <returns>Their replies, or null: something that was watched has changed, and nothing was done.</returns>
    public async Task<IReadOnlyList<RespValue>?> TransactAsync(IReadOnlyList<RespCommand> commands)
    {
        IsCommitting = true;
        var queued = new Task<RespValue>[commands.Count + 1];
        queued[0] = TellAsync(new RespCommand("MULTI"));
        for (var i = 0; i < commands.Count; i++)
        {
            queued[i + 1] = TellAsync(commands[i]);
        }

        var done = TellAsync(new RespCommand("EXEC"));

        // Of several errors the first says why; the last, of EXEC, only that there was one.
        await Task.WhenAll([.. queued, done]).ConfigureAwait(false);
        (IsCommitting, HasWatches) = (false, false);
        var replies = await done.ConfigureAwait(false);
        if (replies.IsNull)
        {
            return null;
        }

        if (replies.Items.FirstOrDefault(reply => reply.IsError) is { Text: { } error })
        {
            throw new RespServerException(error.Split(' ')[0], error);
        }

        return replies.Items.Count == commands.Count
            ? replies.Items
            : throw new RespException(RespErrorCode.UnexpectedReply, $"EXEC answered {replies.Items.Count} replies to {commands.Count} commands; the server or a proxy in front of it does not keep transactions together.");
    }

    public ValueTask DisposeAsync() => session.DisposeAsync();

    private readonly struct RecordRead(byte[] key, int bytesMax) : IRespRequest<PooledBytes?>
    {
        public string Name => bytesMax == 0 ? "GET" : "GETRANGE";

        public RespTraits Traits => RespTraits.None;

        public int Slot => RespSlot.Any;

        public void Write(ref RespWriter writer)
        {
            if (bytesMax == 0)
            {
                writer.Command("GET"u8, 1);
                writer.Argument(key);
                return;
            }

            writer.Command("GETRANGE"u8, 3);
            writer.Argument(key);
            writer.Argument(0);
            writer.Argument(bytesMax - 1);
        }

        public PooledBytes? Read(ref RespReader reader) => reader.IsNull || reader.Bytes.IsEmpty ? null : PooledBytes.CopyOf(reader.Bytes);
    }
}
