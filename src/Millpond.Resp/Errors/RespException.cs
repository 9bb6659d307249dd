namespace Millpond.Resp;

/// <summary>
/// The root of this client's errors. A message says what happened, which node, rule or limit it met, and what to do. Keys and values stay out of it.
/// </summary>
public class RespException : Exception
{
    /// <summary>Creates an error.</summary>
    /// <param name="code">Its stable code.</param>
    /// <param name="message">What happened, the limit it met, and what to do.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public RespException(RespErrorCode code, string message, Exception? inner = null)
        : base($"MP{(int)code}: {message}", inner) => Code = code;

    /// <summary>The stable code; docs/errors.md explains it.</summary>
    public RespErrorCode Code { get; }

    /// <summary>The command's name, such as <c>GET</c>, if the error is about one.</summary>
    public string? Command { get; init; }

    /// <summary>The node concerned, as host:port or path, if it is known.</summary>
    public string? Node { get; init; }

    /// <summary>Whether the server may have executed the command. False means that it certainly has not, so that repeating it is safe. Of a
    /// command marked <see cref="RespTraits.Idempotent"/> it speaks of the last try only: earlier ones may have been executed.</summary>
    public bool MayHaveExecuted { get; init; }

    internal static RespException Protocol(string message) => new(RespErrorCode.ProtocolViolation, message);
}
