namespace Millpond.Server;

/// <summary>What the program has around it.</summary>
/// <param name="Out">Where answers go.</param>
/// <param name="Error">Where everything else goes.</param>
/// <param name="Variable">The environment.</param>
/// <param name="Way">The way to other programs.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, Func<string, string?> Variable, Func<HttpMessageHandler> Way)
{
    /// <summary>Whoever redirects would be sent the secret.</summary>
    public static HttpMessageHandler Network() => new SocketsHttpHandler { AllowAutoRedirect = false };
}
