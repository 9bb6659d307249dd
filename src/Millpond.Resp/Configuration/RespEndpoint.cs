using System.Globalization;

namespace Millpond.Resp;

/// <summary>Where a server listens: a host and a port, or the path of a unix socket.</summary>
/// <param name="Host">A name or address, or the path of a unix socket.</param>
/// <param name="Port">1 to 65,535; 0 for a unix socket.</param>
public readonly record struct RespEndpoint(string Host, int Port)
{
    /// <summary>The port where servers listen unless told otherwise.</summary>
    public const int DefaultPort = 6379;

    /// <summary>Whether it is a unix socket.</summary>
    public bool IsUnix => Port == 0;

    /// <summary>A unix socket.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>The endpoint.</returns>
    public static RespEndpoint Unix(string path) => new(path, 0);

    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>[v6]:port</c>, or a path that begins with a slash.</summary>
    /// <param name="text">The text.</param>
    /// <param name="defaultPort">The port where the text has none; 6379 by default.</param>
    /// <param name="endpoint">What it says.</param>
    /// <returns>False if it says nothing sensible.</returns>
    public static bool TryParse(string text, int defaultPort, out RespEndpoint endpoint)
    {
        endpoint = default;
        if (text.StartsWith('/'))
        {
            endpoint = Unix(text);
            return true;
        }

        var (host, digits) = (text, "");
        var colon = text.LastIndexOf(':');
        if (text.StartsWith('['))
        {
            var close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || (close + 1 < text.Length && text[close + 1] != ':'))
            {
                return false;
            }

            (host, digits) = (text[1..close], close + 1 < text.Length ? text[(close + 2)..] : "");
            colon = close + 1 < text.Length ? close + 1 : -1;
        }
        else if (colon >= 0 && text.IndexOf(':', StringComparison.Ordinal) == colon)
        {
            (host, digits) = (text[..colon], text[(colon + 1)..]);
        }
        else
        {
            // None, or an address of version 6 without brackets, which has no port.
            colon = -1;
        }

        var port = defaultPort;
        if (colon >= 0 && (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65_535))
        {
            return false;
        }

        endpoint = new RespEndpoint(host, port);
        return host.Length > 0 && !host.Any(char.IsWhiteSpace);
    }

    /// <summary>As it is written in configurations and messages.</summary>
    /// <returns><c>host:port</c> or a path.</returns>
    public override string ToString() => IsUnix ? Host : Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
