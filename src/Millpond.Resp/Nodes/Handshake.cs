using Millpond.Resp.Connections;
using Millpond.Resp.Probing;

namespace Millpond.Resp.Nodes;

/// <summary>
/// What is said before a connection is used: the protocol and who we are, in one round trip where the server knows HELLO; then our name, the database, and who the server is.
/// </summary>
internal static class Handshake
{
    public static async ValueTask<RespServer> PerformAsync(OneConnection connection, RespOptions options, RespCredentials? login, LinkKind kind, string node)
    {
        var hello = options.Protocol == 3 ? await HelloAsync(connection, options, login, node).ConfigureAwait(false) : null;
        if (hello is null)
        {
            await LogInAsync(connection, login, node).ConfigureAwait(false);
            _ = await connection.TryAsync("CLIENT", "SETNAME", options.ClientName).ConfigureAwait(false);
        }

        // Together, and all of them may be refused: by old servers, and by access lists that allow data commands alone.
        var library = connection.TryAsync("CLIENT", "SETINFO", "LIB-NAME", "millpond");
        var version = connection.TryAsync("CLIENT", "SETINFO", "LIB-VER", typeof(Handshake).Assembly.GetName().Version!.ToString(3));
        var serverSection = connection.TryAsync("INFO", "server");
        var replicationSection = connection.TryAsync("INFO", "replication");
        var select = options.Database > 0 ? connection.SendAsync("SELECT", options.Database) : default;
        var readOnly = kind == LinkKind.Replica ? connection.TryAsync("READONLY") : default;
        await library.ConfigureAwait(false);
        await version.ConfigureAwait(false);
        var server = await serverSection.ConfigureAwait(false);
        var replication = await replicationSection.ConfigureAwait(false);
        await readOnly.ConfigureAwait(false);
        if (options.Database > 0)
        {
            await SelectedAsync(select, options.Database, node).ConfigureAwait(false);
        }

        return ServerReport.Read(node, hello, server?.Text, replication?.Text);
    }

    /// <summary>Says again who we are, on a connection in use.</summary>
    public static async ValueTask LogInAsync(OneConnection connection, RespCredentials? login, string node)
    {
        if (login is null)
        {
            return;
        }

        try
        {
            RespArgument[] words = login.User is { } user ? [user, login.Password] : [login.Password];
            await connection.SendAsync("AUTH", words).ConfigureAwait(false);
        }
        catch (RespServerException refusal)
        {
            throw Refused(node, refusal, login);
        }
    }

    // Null: the server does not know RESP3, or HELLO is forbidden, and RESP2 is spoken.
    private static async ValueTask<RespValue?> HelloAsync(OneConnection connection, RespOptions options, RespCredentials? login, string node)
    {
        RespArgument[] words = login is null
            ? [3, "SETNAME", options.ClientName]
            : [3, "AUTH", login.User ?? "default", login.Password, "SETNAME", options.ClientName];
        try
        {
            return await connection.SendAsync("HELLO", words).ConfigureAwait(false);
        }
        catch (RespServerException refusal) when (refusal.Kind is "WRONGPASS" or "NOAUTH")
        {
            throw Refused(node, refusal, login);
        }
        catch (RespServerException)
        {
            return null;
        }
    }

    private static async ValueTask SelectedAsync(ValueTask<RespValue> select, int database, string node)
    {
        try
        {
            await select.ConfigureAwait(false);
        }
        catch (RespServerException refusal)
        {
            throw new RespException(
                RespErrorCode.HandshakeRefused, $"{node} has no database {database} for us: {refusal.ServerText} Correct Database, or the server's 'databases'.", refusal) { Node = node };
        }
    }

    private static RespException Refused(string node, RespServerException refusal, RespCredentials? login) => new(
        RespErrorCode.HandshakeRefused,
        $"{node} did not let us in {(login is null ? "without a login" : $"as '{login}'")}: {refusal.ServerText} Check user, password and the server's access list.", refusal) { Node = node };
}
