using System.Globalization;

namespace Millpond.Resp.Configuration;

/// <summary>Reads configuration texts. Every fault is noted and the reading goes on, so that a user corrects a text once.</summary>
internal static class ConfigurationText
{
    private const string Known = "ssl, sslHost, user, password, sentinelUser, sentinelPassword, serviceName, mode, defaultDatabase, name, protocol, connections, connectTimeout, timeout (or asyncTimeout, syncTimeout), keepAlive";

    public static RespOptions Parse(string text)
    {
        var faults = new List<string>();
        var said = new Said(faults);
        if (text.Contains("://", StringComparison.Ordinal))
        {
            UrlText.Read(text, said);
        }
        else
        {
            ReadList(text, said);
        }

        var options = said.ToOptions();
        OptionFaults.ThrowIfAny([.. faults, .. OptionFaults.Of(options)]);
        return options;
    }

    private static void ReadList(string text, Said said)
    {
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                said.Endpoint(part);
            }
            else
            {
                said.Option(part[..equals].Trim(), part[(equals + 1)..].Trim());
            }
        }
    }

    /// <summary>What a text said so far.</summary>
    internal sealed class Said(List<string> faults)
    {
        private readonly Dictionary<string, string> _options = new(StringComparer.OrdinalIgnoreCase);
        private readonly List<RespEndpoint> _endpoints = [];
        private readonly HashSet<string> _used = new(StringComparer.OrdinalIgnoreCase);

        // Sentinels listen elsewhere than nodes; the port is put in when it is known which these are.
        private const int NoPort = 65_536;
        private const int SentinelPort = 26_379;

        public void Fault(string fault) => faults.Add(fault);

        public void Endpoint(string text)
        {
            if (RespEndpoint.TryParse(text, NoPort, out var endpoint))
            {
                _endpoints.Add(endpoint);
            }
            else
            {
                faults.Add($"'{text}' is no host, host:port, [v6]:port or /path, and no option.");
            }
        }

        public void Option(string name, string value)
        {
            if (!_options.TryAdd(name, value))
            {
                faults.Add($"'{name}' is given twice.");
            }
        }

        public RespOptions ToOptions()
        {
            var plain = new RespOptions();
            var serviceName = Text("serviceName");
            var (user, password) = (Text("user"), Text("password"));
            var (sentinelUser, sentinelPassword) = (Text("sentinelUser"), Text("sentinelPassword"));
            var (tls, host) = (Truth("ssl"), Text("sslHost"));
            if (host is not null && tls != true)
            {
                faults.Add("'sslHost' is given but 'ssl' is not true.");
            }

            var options = plain with
            {
                Endpoints = [.. _endpoints.Select(e => e.Port != NoPort ? e : e with { Port = serviceName is null ? RespEndpoint.DefaultPort : SentinelPort })],
                ServiceName = serviceName,
                Mode = Mode(),
                Credentials = Login("user", user, password),
                SentinelCredentials = Login("sentinelUser", sentinelUser, sentinelPassword),
                Tls = tls == true ? new RespTlsOptions { ServerName = host } : null,
                Database = Number("defaultDatabase") ?? plain.Database,
                ClientName = Text("name") ?? plain.ClientName,
                Protocol = Number("protocol") ?? plain.Protocol,
                Connections = Number("connections") ?? plain.Connections,
                ConnectTimeout = Milliseconds("connectTimeout") ?? plain.ConnectTimeout,
                CommandTimeout = Milliseconds("timeout") ?? Milliseconds("asyncTimeout") ?? Milliseconds("syncTimeout") ?? plain.CommandTimeout,
                KeepAlive = Number("keepAlive") is { } seconds ? TimeSpan.FromSeconds(seconds) : plain.KeepAlive,
            };
            foreach (var unknown in _options.Keys.Where(k => !_used.Contains(k)))
            {
                faults.Add($"'{unknown}' is no option; known are {Known}.");
            }

            return options;
        }

        private Func<CancellationToken, ValueTask<RespCredentials>>? Login(string name, string? user, string? password)
        {
            if (user is not null && password is null)
            {
                faults.Add($"'{name}' is given without a password.");
            }

            var login = password is null ? null : new RespCredentials(user, password);
            return login is null ? null : _ => new ValueTask<RespCredentials>(login);
        }

        private string? Text(string name)
        {
            _used.Add(name);
            return _options.TryGetValue(name, out var value) ? value : null;
        }

        private int? Number(string name)
        {
            if (Text(name) is not { } value)
            {
                return null;
            }

            if (int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }

            faults.Add($"'{name}' is '{value}', which is no whole number.");
            return null;
        }

        private TimeSpan? Milliseconds(string name) => Number(name) is { } number ? TimeSpan.FromMilliseconds(number) : null;

        private bool? Truth(string name)
        {
            switch (Text(name)?.ToUpperInvariant())
            {
                case null:
                    return null;
                case "TRUE":
                    return true;
                case "FALSE":
                    return false;
                default:
                    faults.Add($"'{name}' is '{_options[name]}'; it is true or false.");
                    return null;
            }
        }

        private RespMode Mode()
        {
            if (Text("mode") is not { } text)
            {
                return RespMode.Auto;
            }

            if (!Enum.TryParse<RespMode>(text, ignoreCase: true, out var mode) || char.IsAsciiDigit(text[0]))
            {
                faults.Add($"'mode' is '{text}'; it is {string.Join(", ", Enum.GetNames<RespMode>())}.");
            }

            return mode;
        }
    }
}
