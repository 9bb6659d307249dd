using System.Buffers.Text;

namespace Millpond.Resp.Frames;

/// <summary>The line that introduces an element: its type, then a number or a text, then CR LF.</summary>
internal static class FrameLine
{
    /// <summary>The shape of what a type byte introduces.</summary>
    public static Shape ShapeOf(byte type) => type switch
    {
        (byte)'+' or (byte)'-' or (byte)':' or (byte)'_' or (byte)',' or (byte)'#' or (byte)'(' => Shape.Line,
        (byte)'$' or (byte)'!' or (byte)'=' => Shape.Blob,
        (byte)'*' or (byte)'~' or (byte)'>' => Shape.List,
        (byte)'%' => Shape.Pairs,
        (byte)'|' => Shape.Attribute,
        _ => throw RespException.Protocol($"a frame begins with the byte 0x{type:X2}, which introduces nothing. Is this a RESP server, and does one side alone use TLS?"),
    };

    /// <summary>
    /// Where the line that begins at <paramref name="start"/> ends, past its CR LF; 0 if that is not there yet. <paramref name="from"/> is where to go on
    /// searching.
    /// </summary>
    public static int EndOf(ReadOnlySpan<byte> bytes, int start, int from, int lineBytesMax)
    {
        var at = bytes[from..].IndexOf((byte)'\n');
        if ((at < 0 ? bytes.Length : from + at) - start > lineBytesMax)
        {
            throw RespException.Protocol($"a line of more than {lineBytesMax} bytes (LineBytesMax).");
        }

        if (at < 0)
        {
            return 0;
        }

        var end = from + at + 1;
        return end - start >= 3 && bytes[end - 2] == (byte)'\r' ? end : throw RespException.Protocol("a line ends without CR LF.");
    }

    /// <summary>A length or count: -1 for null, or 0 and more.</summary>
    public static long Length(ReadOnlySpan<byte> digits)
    {
        if (digits.Length == 1 && (uint)(digits[0] - '0') <= 9)
        {
            return digits[0] - '0';
        }

        if (digits is [(byte)'?'])
        {
            // Described in RESP3, sent by none of the servers this client is for, in any version: reading them would be code that nothing real ever runs.
            throw RespException.Protocol("a length is '?': a streamed string or aggregate, which no Redis, Valkey or Garnet sends and this client does not read. What stands between it and the server?");
        }

        return Utf8Parser.TryParse(digits, out long length, out var used) && used == digits.Length && length >= -1
            ? length
            : throw RespException.Protocol("a length is no number, or below -1.");
    }

    internal enum Shape
    {
        Line,
        Blob,
        List,
        Pairs,
        Attribute,
    }
}
