using Millpond.Resp.Connections;

namespace Millpond.Resp.Nodes;

/// <summary>A connection past its handshake.</summary>
internal sealed class Established(Connection connection, OneConnection commands, long now)
{
    private readonly RespCredentials? _login;
    private long _renewAt = long.MaxValue;
    private int _isPinging;

    public Connection Connection { get; } = connection;

    /// <summary>Sends on this connection and no other.</summary>
    public OneConnection Commands { get; } = commands;

    /// <summary>What was said in the handshake.</summary>
    public RespCredentials? Login
    {
        get => _login;
        init
        {
            _login = value;
            Renewed(value, now);
        }
    }

    /// <summary>Whether credentials must be asked for again; says so once.</summary>
    public bool IsRenewalDue(long at)
    {
        var due = Volatile.Read(ref _renewAt);
        return at >= due && Interlocked.CompareExchange(ref _renewAt, long.MaxValue, due) == due;
    }

    public void Renewed(RespCredentials? login, long at) => Volatile.Write(ref _renewAt, login?.RenewAfter is { } after ? at + after.Ticks : long.MaxValue);

    /// <summary>Asks for a sign of life. What comes back, and whether, the liveness watch sees for itself.</summary>
    public void Ping(Connection quiet)
    {
        if (Interlocked.Exchange(ref _isPinging, 1) == 0)
        {
            _ = PingAsync();
        }
    }

    private async Task PingAsync()
    {
        try
        {
            await Commands.SendAsync("PING").ConfigureAwait(false);
        }
        catch (RespException)
        {
            // Refused is a sign of life too, and the end of the connection is told elsewhere.
        }
        finally
        {
            Volatile.Write(ref _isPinging, 0);
        }
    }
}
