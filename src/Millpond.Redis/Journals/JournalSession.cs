using System.Globalization;
using Millpond.Redis.Layout;
using Millpond.Redis.Requests;
using Millpond.Resp;

namespace Millpond.Redis.Journals;

/// <summary>A connection on which a journal's steps are made in the order in which they are sent, to a server that is known to keep what was asked for.</summary>
internal sealed class JournalSession(RespSession session, JournalKeys keys, IReadOnlyList<Confirmation> confirmations) : IAsyncDisposable
{
    private readonly ReadOnlyMemory<byte> _life = Argument.Of(ServerLife.Of(session.Server).ToString(CultureInfo.InvariantCulture));

    public string Node => session.Server.Node;

    public bool IsConnected => session.IsConnected;

    public IReadOnlyList<Confirmation> Confirmations => confirmations;

    /// <summary>Makes a step, by a caller who knows of positions up to this one.</summary>
    public async Task<JournalStand> CallAsync(JournalScript script, long seen, ReadOnlyMemory<byte>[] arguments)
    {
        var call = new ScriptCall<TreeReply, RespValue>(script.Name, script.Text, keys.Slot, new ScriptArguments(keys.All, [_life, Argument.Of(seen), .. arguments]), RespTraits.None);
        return JournalStand.Of(await session.SendAsync<ScriptCall<TreeReply, RespValue>, RespValue>(call).ConfigureAwait(false));
    }

    public async Task LoadAsync(JournalScript script) => await session.SendAsync<LoadScript, ulong>(new LoadScript(script.Text, keys.Slot)).ConfigureAwait(false);

    public Task<RespValue> TellAsync(RespCommand command) => session.SendAsync<RespCommand, RespValue>(command).AsTask();

    public ValueTask DisposeAsync() => session.DisposeAsync();
}

/// <summary>A reply as it is.</summary>
internal sealed class TreeReply : IReplyReader<RespValue>
{
    public static RespValue Read(ref RespReader reader) => RespValue.Read(ref reader);
}
