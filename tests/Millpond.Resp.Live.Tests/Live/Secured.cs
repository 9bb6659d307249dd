using Millpond.Engines.Live;

namespace Millpond.Resp.Live.Tests.Live;

public class Secured
{
    [Fact]
    public async Task Tls_with_a_clients_certificate_serves()
    {
        using var certificates = new Certificates();
        await using var server = await RedisServer.StartSecureAsync(certificates);
        await using var client = Connect(server, new RespTlsOptions { TrustedRoots = [certificates.Root], ServerName = "localhost", ClientCertificate = certificates.Client });
        await Task.WhenAll(Enumerable.Range(0, 500).Select(async i => Assert.Equal($"{i}", (await client.ExecuteAsync("ECHO", $"{i}")).Text)));
        var large = new byte[3_000_000];
        await client.ExecuteAsync("SET", "large", large);
        Assert.Equal(large.Length, (await client.ExecuteAsync("GET", "large")).Bytes.Length);
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        using var certificates = new Certificates("elsewhere.example");
        await using var server = await RedisServer.StartSecureAsync(certificates);
        await using var client = Connect(server, new RespTlsOptions { TrustedRoots = [certificates.Root], ServerName = "localhost", ClientCertificate = certificates.Client });
        Assert.Contains("TLS", (await RefusedAsync(client)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_root_is_refused()
    {
        using var certificates = new Certificates();
        await using var server = await RedisServer.StartSecureAsync(certificates, "no");
        await using var client = Connect(server, new RespTlsOptions { ServerName = "localhost" });
        Assert.Contains("TLS", (await RefusedAsync(client)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_the_certificate_that_the_server_wants_is_refused()
    {
        using var certificates = new Certificates();
        await using var server = await RedisServer.StartSecureAsync(certificates);
        await using var client = Connect(server, new RespTlsOptions { TrustedRoots = [certificates.Root], ServerName = "localhost" });
        await RefusedAsync(client);
    }

    [Fact]
    public async Task Speaking_plainly_to_a_server_that_wants_tls_ends_in_an_error()
    {
        using var certificates = new Certificates();
        await using var server = await RedisServer.StartSecureAsync(certificates);
        await using var client = new RespClient(RespOptions.Parse(server.Address));
        await RefusedAsync(client);
    }

    private static RespClient Connect(RedisServer server, RespTlsOptions tls) => new(RespOptions.Parse(server.Address) with { Tls = tls, CommandTimeout = TimeSpan.FromSeconds(10) });

    private static async Task<RespException> RefusedAsync(RespClient client) => await Assert.ThrowsAsync<RespException>(() => client.ExecuteAsync("PING").AsTask());
}
