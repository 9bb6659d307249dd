using System.Text;
using Millpond.Resp;
using Millpond.Runtime;

namespace Millpond.Debezium.Streams;

/// <summary>
/// Which instance follows: whoever's name is in a key that lives as long as it is renewed. Two that believe it for a moment, as when one was frozen, do no harm: what both apply is applied twice, and each acknowledges only what it was given.
/// </summary>
internal sealed class StreamLead(RespClient client, string key, string name, TimeSpan silenceMax, Surroundings surroundings)
{
    private readonly int _slot = RespSlot.Of(Encoding.UTF8.GetBytes(key));
    private readonly long _silenceMilliseconds = (long)silenceMax.TotalMilliseconds;
    private long _renewedAt;

    public async Task<bool> TryTakeAsync(CancellationToken stop)
    {
        var askedAt = surroundings.Now;
        var took = !(await AskAsync("SET", [key, name, "NX", "PX", _silenceMilliseconds], stop).ConfigureAwait(false)).IsNull;
        _renewedAt = askedAt;
        return took;
    }

    /// <summary>Renews it when a third of its time is over.</summary>
    /// <exception cref="IOException">Another instance has it.</exception>
    public async Task RenewAsync(CancellationToken stop)
    {
        var now = surroundings.Now;
        if (now - _renewedAt < silenceMax.Ticks / 3)
        {
            return;
        }

        if ((await AskAsync("GET", [key], stop).ConfigureAwait(false)).Text != name)
        {
            throw new IOException("Another instance has taken over, because this one was silent for too long.");
        }

        await AskAsync("PEXPIRE", [key, _silenceMilliseconds], stop).ConfigureAwait(false);
        _renewedAt = now;
    }

    /// <summary>Lets another instance take over at once. A courtesy: without it, that happens when the time is over.</summary>
    public async Task LetGoAsync()
    {
        try
        {
            if ((await AskAsync("GET", [key], CancellationToken.None).ConfigureAwait(false)).Text == name)
            {
                await AskAsync("DEL", [key], CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (RespException)
        {
            // The connection may be what ended the run.
        }
    }

    private ValueTask<RespValue> AskAsync(string command, RespArgument[] arguments, CancellationToken stop) => client.ExecuteAsync(new RespCommand(command, arguments) { Slot = _slot }, stop);
}
