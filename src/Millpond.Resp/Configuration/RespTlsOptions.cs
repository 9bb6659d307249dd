using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Millpond.Resp;

/// <summary>How TLS is spoken. By default the server's certificate must be valid, name the host, and descend from a root that this machine trusts.</summary>
public sealed record RespTlsOptions
{
    /// <summary>The name that the server's certificate must carry; by default the endpoint's host.</summary>
    public string? ServerName { get; init; }

    /// <summary>What the client shows of itself; none by default.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Roots to trust instead of this machine's; by default those of the machine.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>A judgement of your own instead of the platform's, with all that this takes upon you; none by default.</summary>
    public RemoteCertificateValidationCallback? Validation { get; init; }
}
