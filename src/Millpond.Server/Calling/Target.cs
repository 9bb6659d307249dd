using System.CommandLine;

namespace Millpond.Server.Calling;

/// <summary>The options that say which program is asked, and how it knows who asks. The secret is never one of them: arguments are seen by everybody on the machine.</summary>
internal sealed class Target(Terminal terminal)
{
    public const string UrlVariable = "MILLPOND_URL";
    public const string SecretVariable = "MILLPOND_SECRET";

    private readonly Option<string?> _url = new("--url")
    {
        Description = $"The prefix that the program maps its endpoints under, such as https://shop.example/millpond. Default: the variable {UrlVariable}.",
        HelpName = "URL",
        Recursive = true,
    };

    private readonly Option<string?> _secretFile = new("--secret-file")
    {
        Description = $"A file with the endpoints' secret. Default: the secret is in the variable {SecretVariable}.",
        HelpName = "FILE",
        Recursive = true,
    };

    private readonly Option<bool> _allowHttp = new("--allow-http")
    {
        Description = "Send the secret to another machine without TLS.",
        Recursive = true,
    };

    public void AddTo(Command root)
    {
        root.Add(_url);
        root.Add(_secretFile);
        root.Add(_allowHttp);
    }

    /// <exception cref="UsageException">Something is missing.</exception>
    public RunningProgram Reach(ParseResult line)
    {
        var url = line.GetValue(_url) ?? terminal.Variable(UrlVariable) ?? throw new UsageException($"Say which program is asked: --url, or the variable {UrlVariable}.");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var prefix) || prefix.Scheme is not ("http" or "https") || prefix.Query.Length > 0 || prefix.Fragment.Length > 0)
        {
            throw new UsageException($"'{url}' is no URL of a prefix, such as https://shop.example/millpond.");
        }

        return prefix.Scheme == "https" || prefix.IsLoopback || line.GetValue(_allowHttp)
            ? new RunningProgram(prefix, Secret(line.GetValue(_secretFile)), terminal.Way())
            : throw new UsageException($"{url} is another machine, and without TLS whoever listens on the way reads the secret. Use https, or say --allow-http.");
    }

    private string Secret(string? file)
    {
        try
        {
            var secret = (file is null ? terminal.Variable(SecretVariable) : File.ReadAllText(file))?.Trim();
            return secret is { Length: > 0 } && secret.All(c => c is > ' ' and < '\u007f') ? secret : throw new UsageException(
                file is null ? $"Say how the program knows you: --secret-file, or the variable {SecretVariable}." : $"{file} holds no secret: it is to be one word of ASCII.");
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The secret cannot be read: {unread.Message}");
        }
    }
}

/// <summary>The command line is wrong; nobody was asked.</summary>
internal sealed class UsageException(string message) : Exception(message);
