namespace Millpond;

/// <summary>
/// The root of Millpond's errors. A message says what happened, which rule or limit it met, and what to do; values and whole keys stay
/// out of it.
/// </summary>
public class MillpondException : Exception
{
    /// <summary>Creates an error.</summary>
    /// <param name="code">Its stable code.</param>
    /// <param name="message">What happened, the limit it met, and what to do.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public MillpondException(ErrorCode code, string message, Exception? inner = null)
        : base($"MP{(int)code}: {message}", inner) => Code = code;

    /// <summary>The stable code; docs/errors.md explains it.</summary>
    public ErrorCode Code { get; }

    /// <summary>The keyspace concerned, if the error is about one.</summary>
    public string? Keyspace { get; init; }
}
