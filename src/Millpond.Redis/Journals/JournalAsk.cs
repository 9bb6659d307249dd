using Millpond.Journals;

namespace Millpond.Redis.Journals;

/// <summary>A step that somebody wants made on a journal.</summary>
/// <param name="script">The step.</param>
/// <param name="effect">Whether it is acknowledged only when it is durable.</param>
/// <param name="arguments">Those behind the life and the known position.</param>
/// <param name="done">Told what became of it.</param>
internal sealed class JournalAsk(JournalScript script, StepEffect effect, ReadOnlyMemory<byte>[] arguments, TaskCompletionSource<JournalStand> done)
{
    private JournalStand? _made;

    public JournalScript Script => script;

    public ReadOnlyMemory<byte>[] Arguments => arguments;

    public long Bytes { get; } = arguments.Sum(argument => (long)argument.Length);

    public Task<JournalStand> Done => done.Task;

    public bool IsMade => _made is not null;

    public bool IsDurable => effect == StepEffect.Durable;

    /// <summary>It was made; it is told with <see cref="Settle"/>.</summary>
    public void Make(JournalStand stand) => _made = stand;

    public void Settle(Exception? doubt)
    {
        if (doubt is not null && IsDurable)
        {
            done.TrySetException(doubt);
        }
        else
        {
            done.TrySetResult(_made!);
        }
    }

    public void Fail(JournalFailure failure, string what, Exception? inner) =>
        done.TrySetException(new JournalException(failure, what, inner));
}

/// <summary>What a step's acknowledgement says.</summary>
internal enum StepEffect
{
    /// <summary>That it was made; what is lost of it is made again.</summary>
    Passing,

    /// <summary>That it survives what was asked for.</summary>
    Durable,
}
