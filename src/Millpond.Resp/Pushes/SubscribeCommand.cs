using System.Text;
using Millpond.Resp.Commands;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Pushes;

/// <summary>
/// A command that the server answers with a push, or with an error, but never with a reply. A PING right behind it makes up for that: its reply says that
/// whatever there is to say of the command has been said.
/// </summary>
internal sealed class SubscribeCommand : Pending
{
    private readonly TaskCompletionSource<bool> _done;
    private readonly string _command;
    private readonly string _channel;
    private RespException? _error;
    private RespException? _refusal;

    public SubscribeCommand(string command, string channel, IDispatcher dispatcher, RespSurroundings surroundings, TimeSpan timeout)
    {
        (_command, _channel, Dispatcher, IssuedAt) = (command, channel, dispatcher, surroundings.Now);
        Deadline = IssuedAt + timeout.Ticks;
        _done = surroundings.NewCompletion<bool>();
        BeginLife();
    }

    public override string Name => _command;

    public override RespTraits Traits => RespTraits.None;

    public override int Slot => RespSlot.Any;

    public override int RepliesExpected => 1;

    public override int CommandsWritten => 2;

    public Task Done => _done.Task;

    public override void Write(ref RespWriter writer)
    {
        writer.Command(Encoding.UTF8.GetBytes(_command), 1);
        writer.Argument(_channel);
        writer.Command("PING"u8, 0);
    }

    public override Taken Accept(ref RespReader reader, Completions completions, string node)
    {
        if (reader.IsError && _refusal is null)
        {
            // Its PING's reply is still to come, also if nobody waits any more.
            _refusal = RespServerException.From(reader.Bytes, _command, node);
            return Taken.More;
        }

        if (TryDecide(Life))
        {
            _error = _refusal;
            completions.Add(this);
        }

        return Taken.Whole;
    }

    public override void Fail(Func<Pending, RespException> error, int life, Completions completions)
    {
        if (TryDecide(life))
        {
            _error = error(this);
            completions.AddAside(this);
        }
    }

    public override void Release()
    {
    }

    public override void Finish()
    {
        if (_error is { } error)
        {
            _done.TrySetException(error);
        }
        else
        {
            _done.TrySetResult(true);
        }
    }
}
