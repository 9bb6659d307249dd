using Millpond.Runtime;

namespace Millpond.Reading;

/// <summary>
/// How a flight ends, and for whom. Nothing is made for waiters until there is one: most flights that the shared tier ends have one caller, and those of a batch none but the batch.
/// </summary>
/// <remarks>
/// Whoever ends it claims it first, then writes what came of it, then closes both doors by which waiters come, and tells those who came before. Who finds a door closed finds what came of it.
/// </remarks>
internal abstract class FlightEnd<TValue>(WaitParts<TValue> parts)
{
    private static readonly object Over = new();

    private Answer<TValue> _answer;
    private Exception? _failure;
    private int _claimed;

    // Null, the completion that somebody waits for, or Over.
    private object? _completion;
    private FlightWaits<TValue>? _waits;

    /// <summary>For those who wait with conditions of their own.</summary>
    public Task<Answer<TValue>> Completion
    {
        get
        {
            var known = Volatile.Read(ref _completion);
            if (known is null)
            {
                var made = parts.NewCompletion();
                known = Interlocked.CompareExchange(ref _completion, made, null) ?? made;
            }

            return known is TaskCompletionSource<Answer<TValue>> waited ? waited.Task
                : _failure is { } failure ? Task.FromException<Answer<TValue>>(failure)
                : Task.FromResult(_answer);
        }
    }

    public bool HasEnded => ReferenceEquals(Volatile.Read(ref _completion), Over);

    /// <summary>Those who wait for the value and for nothing else.</summary>
    public FlightWaits<TValue> Waits
    {
        get
        {
            if (Volatile.Read(ref _waits) is { } known)
            {
                return known;
            }

            var made = parts.NewWaits();
            return Interlocked.CompareExchange(ref _waits, made, null) ?? made;
        }
    }

    /// <summary>The answer, if it has ended with one.</summary>
    public bool TryGetAnswer(out Answer<TValue> answer)
    {
        var answered = HasEnded && _failure is null;
        answer = answered ? _answer : default;
        return answered;
    }

    /// <summary>Answers everybody. Later answers are dropped: a stale one may have been given early.</summary>
    public void Answer(Answer<TValue> answer) => End(answer, null);

    public void Fail(Exception failure) => End(default, failure);

    private void End(in Answer<TValue> answer, Exception? failure)
    {
        if (Interlocked.Exchange(ref _claimed, 1) != 0)
        {
            return;
        }

        (_answer, _failure) = (answer, failure);
        if (Interlocked.Exchange(ref _completion, Over) is TaskCompletionSource<Answer<TValue>> waited)
        {
            Complete(waited, answer, failure);
        }

        var waits = Interlocked.Exchange(ref _waits, FlightWaits<TValue>.Over);
        if (failure is null)
        {
            waits?.Answer(answer);
        }
        else
        {
            waits?.Fail(failure);
        }
    }

    private static void Complete(TaskCompletionSource<Answer<TValue>> waited, in Answer<TValue> answer, Exception? failure)
    {
        if (failure is null)
        {
            waited.TrySetResult(answer);
            return;
        }

        waited.TrySetException(failure);

        // Whoever waited may have left; the failure was reported as an event and must not surface again as an unobserved one.
        _ = waited.Task.Exception;
    }
}

/// <summary>What waits are made of, the same for all flights of a keyspace.</summary>
/// <param name="Surroundings">Where tasks come from.</param>
/// <param name="Reports">Hears how each wait ended, before anybody goes on.</param>
/// <param name="Leave">Hears of each caller whose token ended its wait, with the flight.</param>
internal sealed record WaitParts<TValue>(Surroundings Surroundings, WaitReports Reports, Action<object> Leave)
{
    public TaskCompletionSource<Answer<TValue>> NewCompletion() => Surroundings.NewCompletion<Answer<TValue>>();

    public FlightWaits<TValue> NewWaits() => new(this);
}
