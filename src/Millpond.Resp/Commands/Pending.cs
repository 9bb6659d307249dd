namespace Millpond.Resp.Commands;

/// <summary>
/// A command on its way: first with the dispatcher that looks for a connection, then in a connection's queue until its reply has come, then with the caller.
/// </summary>
/// <remarks>
/// Two own it: whoever moves it towards its reply (the carrier), and whoever waits for it. Its outcome is decided once, by the reply, the deadline, a cancellation or a lost connection, whichever
/// takes <see cref="TryDecide"/> first. A decided command stays in its connection's queue, because its reply will still come and must be taken for its own.
/// </remarks>
internal abstract class Pending
{
    // The lowest bit says that the outcome is decided; the rest counts the object's lives, so that a sweep that looks at a recycled object decides nothing.
    private int _state;

    public IDispatcher Dispatcher { get; protected set; } = null!;

    /// <summary>When it was asked for, and when its time is over; monotonic ticks.</summary>
    public long IssuedAt { get; protected set; }

    public long Deadline { get; protected set; }

    /// <summary>How often it was sent, or tried to be.</summary>
    public int Attempts { get; set; }

    /// <summary>Whether ASKING goes in front, to be let into a slot that is being imported.</summary>
    public bool IsAsking { get; set; }

    /// <summary>Why it was told to come again later, the last time it was; what a caller hears if its time ends under a further try.</summary>
    public RespException? Refusal { get; set; }

    public abstract string Name { get; }

    public abstract RespTraits Traits { get; }

    public abstract int Slot { get; }

    /// <summary>Replies still to come for what <see cref="Write"/> wrote, without ASKING's.</summary>
    public abstract int RepliesExpected { get; }

    /// <summary>Commands that <see cref="Write"/> writes, without ASKING.</summary>
    public virtual int CommandsWritten => RepliesExpected;

    public bool IsDecided => (Volatile.Read(ref _state) & 1) != 0;

    /// <summary>Names this life of the object; see <see cref="TryDecide"/>.</summary>
    public int Life => Volatile.Read(ref _state) & ~1;

    /// <summary>Writes the command or commands.</summary>
    public abstract void Write(ref RespWriter writer);

    /// <summary>Takes one reply. By the receiving thread only.</summary>
    public abstract Taken Accept(ref RespReader reader, Completions completions, string node);

    /// <summary>Gives the waiting an error instead of a reply, unless its outcome is decided. It does not let the carrier go.</summary>
    public void Fail(RespException error, int life, Completions completions) => Fail(_ => error, life, completions);

    /// <summary>The same; the error is asked for once the outcome is decided, so that it speaks of this life of the object and no other.</summary>
    public abstract void Fail(Func<Pending, RespException> error, int life, Completions completions);

    /// <summary>The carrier's last touch.</summary>
    public abstract void Release();

    /// <summary>Continues whoever waits. On a thread that may run a caller's code.</summary>
    public abstract void Finish();

    protected bool TryDecide(int life) => Interlocked.CompareExchange(ref _state, life | 1, life) == life;

    protected void BeginLife() => Volatile.Write(ref _state, (Volatile.Read(ref _state) & ~1) + 2);
}

/// <summary>What a reply meant for the command it was given to.</summary>
internal enum Taken
{
    /// <summary>More replies belong to it.</summary>
    More,

    /// <summary>It was the last: the carrier lets go.</summary>
    Whole,

    /// <summary>It meant "elsewhere" or "later": its dispatcher is the carrier now.</summary>
    Redirected,
}

/// <summary>Finds a connection for a command, and decides what an error reply or a lost connection means for it.</summary>
internal interface IDispatcher
{
    /// <summary>Sends it, lets it wait, or fails it. The dispatcher is the carrier from here on.</summary>
    void Dispatch(Pending pending);

    /// <summary>Whether an error reply means "elsewhere" or "later": if so the dispatcher has taken <paramref name="redirected"/> and sends it again.</summary>
    bool TryRedirect(Pending redirected, ReadOnlySpan<byte> error, string node);

    /// <summary>A connection was lost under the command; <paramref name="wasWritten"/> if the server may have seen it. It is sent again or failed.</summary>
    void Lost(Pending pending, RespException cause, bool wasWritten);
}
