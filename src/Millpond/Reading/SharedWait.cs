using Millpond.Runtime;

namespace Millpond.Reading;

/// <summary>The one task of all callers of a flight who cannot be cancelled and want the answer in the same shape.</summary>
internal abstract class SharedWait<TValue>
{
    /// <summary>That of callers who want another shape. Written under the gate of <see cref="FlightWaits{TValue}"/>.</summary>
    public SharedWait<TValue>? Next { get; init; }

    public abstract void Answer(TValue? value);

    public abstract void Fail(Exception failure);
}

/// <summary>Such a task.</summary>
internal sealed class SharedWait<TValue, TResult, TShape>(Surroundings surroundings) : SharedWait<TValue>
    where TShape : struct, IAnswerShape<TValue, TResult>
{
    private readonly TaskCompletionSource<TResult?> _completion = surroundings.NewCompletion<TResult?>();

    public ValueTask<TResult?> Wait => new(surroundings.Fork(_completion.Task));

    public override void Answer(TValue? value)
    {
        try
        {
            _completion.TrySetResult(TShape.Of(value));
        }
        catch (MillpondException wrongType)
        {
            _completion.TrySetException(wrongType);
        }
    }

    public override void Fail(Exception failure) => _completion.TrySetException(TShape.Of(failure));
}
