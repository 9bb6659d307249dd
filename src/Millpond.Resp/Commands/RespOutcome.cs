namespace Millpond.Resp;

/// <summary>What became of one request of a batch: a result or an error.</summary>
/// <typeparam name="TResult">The result's type.</typeparam>
public readonly struct RespOutcome<TResult>
{
    private readonly TResult? _result;

    internal RespOutcome(TResult result) => _result = result;

    internal RespOutcome(Exception error) => Error = error;

    /// <summary>The error, or null if there is a result.</summary>
    public Exception? Error { get; }

    /// <summary>The result.</summary>
    /// <exception cref="RespException">There is none: what became of the request instead.</exception>
    public TResult Result => Error is null ? _result! : throw Error;
}
