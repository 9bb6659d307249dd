using Millpond.Redis.Layout;
using Millpond.Redis.Scripts;
using Millpond.Resp;

namespace Millpond.Redis.Requests;

/// <summary>Makes what an operation returns of a script's reply.</summary>
internal interface IReplyReader<out TResult>
{
    /// <param name="reader">Stands on the reply's first element.</param>
    static abstract TResult Read(ref RespReader reader);
}

/// <summary>Finds the step in what an operation returns.</summary>
internal interface IStepOf<in TResult>
{
    static abstract StepReply StepOf(TResult result);
}

/// <summary>What goes with a call of a script. Made once for a call and its repetitions.</summary>
/// <param name="Keys">Its keys, all of one slot.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record ScriptArguments(ReadOnlyMemory<byte>[] Keys, ReadOnlyMemory<byte>[] Arguments);

/// <summary>Calls a script by its digest.</summary>
internal readonly struct ScriptCall<TReader, TResult>(string name, ScriptText script, int slot, ScriptArguments arguments, RespTraits traits) : IRespRequest<TResult>
    where TReader : IReplyReader<TResult>
{
    public string Name => name;

    public RespTraits Traits => traits;

    public int Slot => slot;

    public void Write(ref RespWriter writer)
    {
        writer.Command("EVALSHA"u8, 2 + arguments.Keys.Length + arguments.Arguments.Length);
        writer.Argument(script.Digest);
        writer.Argument(arguments.Keys.Length);
        foreach (var key in arguments.Keys)
        {
            writer.Argument(key.Span);
        }

        foreach (var argument in arguments.Arguments)
        {
            writer.Argument(argument.Span);
        }
    }

    public TResult Read(ref RespReader reader) => TReader.Read(ref reader);
}

/// <summary>Loads a script, and finds out who is there.</summary>
internal readonly struct LoadScript(ScriptText script, int slot) : IRespRequest<ulong>
{
    public string Name => "SCRIPT LOAD";

    public RespTraits Traits => RespTraits.Idempotent;

    public int Slot => slot;

    public void Write(ref RespWriter writer)
    {
        writer.Command("SCRIPT"u8, 2);
        writer.Argument("LOAD"u8);
        writer.Argument(script.Text);
    }

    public ulong Read(ref RespReader reader) => ServerLife.Of(reader.Server);
}

/// <summary>Finds out who is there.</summary>
internal readonly struct WhoIsThere(int slot) : IRespRequest<ulong>
{
    public string Name => "PING";

    public RespTraits Traits => RespTraits.Idempotent;

    public int Slot => slot;

    public void Write(ref RespWriter writer) => writer.Command("PING"u8, 0);

    public ulong Read(ref RespReader reader) => ServerLife.Of(reader.Server);
}
