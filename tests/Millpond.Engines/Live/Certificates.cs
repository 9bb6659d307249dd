using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Millpond.Engines.Live;

/// <summary>A root made for one test, and what it signed: a server's certificate for one name, and a client's.</summary>
public sealed class Certificates : IDisposable
{
    private readonly string _folder = EngineProcess.NewFolder();

    /// <summary>Makes them; the server's is for <paramref name="serverName"/>.</summary>
    public Certificates(string serverName = "localhost")
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Millpond tests", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        Root = request.CreateSelfSigned(Yesterday, Tomorrow);
        using var server = Sign($"CN={serverName}", serverName, "1.3.6.1.5.5.7.3.1");
        Client = Sign("CN=client", null, "1.3.6.1.5.5.7.3.2");
        File.WriteAllText(RootPath, Root.ExportCertificatePem());
        File.WriteAllText(ServerPath, server.ExportCertificatePem());
        using var serverKey = server.GetRSAPrivateKey()!;
        File.WriteAllText(ServerKeyPath, serverKey.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>What the others descend from.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>A client's, with its key.</summary>
    public X509Certificate2 Client { get; }

    internal string RootPath => Path.Combine(_folder, "root.pem");

    internal string ServerPath => Path.Combine(_folder, "server.pem");

    internal string ServerKeyPath => Path.Combine(_folder, "server.key");

    private static DateTimeOffset Yesterday => DateTimeOffset.UtcNow.AddDays(-1);

    private static DateTimeOffset Tomorrow => DateTimeOffset.UtcNow.AddDays(1);

    /// <inheritdoc/>
    public void Dispose()
    {
        Root.Dispose();
        Client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private X509Certificate2 Sign(string subject, string? name, string use)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], false));
        if (name is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
        }

        using var signed = request.Create(Root, Yesterday, Tomorrow.AddMinutes(-1), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }
}
