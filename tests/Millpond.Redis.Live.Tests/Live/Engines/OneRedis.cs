using Millpond.Engines.Live;
using Millpond.Redis.Live.Tests.Live.Conformance;
using Millpond.Resp;
using Millpond.Testing.Conformance;

namespace Millpond.Redis.Live.Tests.Live.Engines;

/// <summary>One redis-server, and the login by which the tier knows it.</summary>
internal sealed class OneRedis : IDeployment
{
    private const string Password = "secret";

    private readonly RedisServer _server;
    private readonly RespOptions _connection;
    private readonly RespClient _admin;
    private readonly IDisposable? _certificates;

    private OneRedis(RedisServer server, RespOptions admin, RespOptions connection, IDisposable? certificates = null) =>
        (_server, _connection, _admin, _certificates) = (server, connection, new RespClient(admin), certificates);

    public RedisSharedTierOptions Options => new() { Connection = _connection };

    /// <summary>By the default login, which may do everything.</summary>
    public static async Task<OneRedis> StartAsync()
    {
        var server = await RedisServer.StartAsync();
        return new OneRedis(server, RespOptions.Parse(server.Address), RespOptions.Parse(server.Address));
    }

    /// <summary>By a login with these rights alone.</summary>
    public static async Task<OneRedis> StartAsync(string[] rights)
    {
        var server = await RedisServer.StartAsync(["--user", "app", "on", ">" + Password, .. rights]);
        return new OneRedis(server, RespOptions.Parse(server.Address), RespOptions.Parse($"{server.Address},user=app,password={Password}"));
    }

    /// <summary>As <see cref="StartAsync(string[])"/>, and by TLS alone.</summary>
    public static async Task<OneRedis> StartSecureAsync(string[] rights)
    {
        var certificates = new Certificates();
        var server = await RedisServer.StartSecureAsync(certificates, settings: ["--user", "app", "on", ">" + Password, .. rights]);
        var admin = RespOptions.Parse(server.Address) with
        {
            Tls = new RespTlsOptions { TrustedRoots = [certificates.Root], ServerName = "localhost", ClientCertificate = certificates.Client },
        };
        return new OneRedis(server, admin, RespOptions.Parse($"{server.Address},user=app,password={Password}") with { Tls = admin.Tls }, certificates);
    }

    public async Task<RespValue> TellAsync(RespCommand command) => await _admin.ExecuteAsync(command);

    public async Task RestartAsync(RestartKind kind)
    {
        if (kind == RestartKind.WithRecords)
        {
            await TellAsync(new RespCommand("SAVE") { Traits = RespTraits.Idempotent });
        }
        else
        {
            File.Delete(Path.Combine(_server.Folder, "dump.rdb"));
        }

        await _server.KillAsync();
        await _server.LaunchAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _server.DisposeAsync();
        _certificates?.Dispose();
    }
}
