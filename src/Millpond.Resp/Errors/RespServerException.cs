using System.Text;

namespace Millpond.Resp;

/// <summary>The server answered with an error.</summary>
public sealed class RespServerException : RespException
{
    /// <summary>Creates an error from the server's words.</summary>
    /// <param name="kind">The first word, in capitals by convention: <c>ERR</c>, <c>WRONGTYPE</c>, <c>OOM</c>.</param>
    /// <param name="text">The whole text of the reply.</param>
    public RespServerException(string kind, string text)
        : base(RespErrorCode.ServerError, $"the server answered: {text}") => (Kind, ServerText) = (kind, text);

    /// <summary>The first word of the reply: <c>ERR</c>, <c>WRONGTYPE</c>, <c>OOM</c>, <c>NOPERM</c>.</summary>
    public string Kind { get; }

    /// <summary>The reply as the server sent it. It may quote what the caller sent.</summary>
    public string ServerText { get; }

    // Longer texts are cut: a script's error may quote the script.
    private const int TextBytesMax = 512;

    internal static RespServerException From(ReadOnlySpan<byte> reply, string? command = null, string? node = null)
    {
        var text = Encoding.UTF8.GetString(reply.Length <= TextBytesMax ? reply : reply[..TextBytesMax]);
        var end = text.IndexOf(' ', StringComparison.Ordinal);
        return new RespServerException(end < 0 ? text : text[..end], text) { Command = command, Node = node };
    }
}
