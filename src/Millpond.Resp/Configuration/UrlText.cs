namespace Millpond.Resp.Configuration;

/// <summary>Reads <c>redis://</c>, <c>rediss://</c> and <c>unix://</c> URLs; further options stand behind a question mark, under the same names as in lists.</summary>
internal static class UrlText
{
    public static void Read(string text, ConfigurationText.Said said)
    {
        var scheme = text[..text.IndexOf("://", StringComparison.Ordinal)].ToUpperInvariant();
        var rest = text[(scheme.Length + 3)..];
        if (scheme is not ("REDIS" or "REDISS" or "UNIX"))
        {
            said.Fault($"'{scheme.ToLowerInvariant()}://' is no scheme; known are redis, rediss and unix.");
            return;
        }

        var question = rest.IndexOf('?', StringComparison.Ordinal);
        if (question >= 0)
        {
            ReadOptions(rest[(question + 1)..], said);
            rest = rest[..question];
        }

        var at = rest.LastIndexOf('@');
        if (at >= 0)
        {
            ReadLogin(rest[..at], said);
            rest = rest[(at + 1)..];
        }

        if (scheme == "UNIX")
        {
            said.Endpoint(rest);
            return;
        }

        if (scheme == "REDISS")
        {
            said.Option("ssl", "true");
        }

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            if (slash + 1 < rest.Length)
            {
                said.Option("defaultDatabase", rest[(slash + 1)..]);
            }

            rest = rest[..slash];
        }

        foreach (var host in rest.Split(','))
        {
            said.Endpoint(host);
        }
    }

    private static void ReadLogin(string login, ConfigurationText.Said said)
    {
        var colon = login.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            said.Option("user", Uri.UnescapeDataString(login));
            return;
        }

        if (colon > 0)
        {
            said.Option("user", Uri.UnescapeDataString(login[..colon]));
        }

        said.Option("password", Uri.UnescapeDataString(login[(colon + 1)..]));
    }

    private static void ReadOptions(string query, ConfigurationText.Said said)
    {
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                said.Fault($"'{pair}' behind the question mark has no value.");
            }
            else
            {
                said.Option(Uri.UnescapeDataString(pair[..equals]), Uri.UnescapeDataString(pair[(equals + 1)..]));
            }
        }
    }
}
