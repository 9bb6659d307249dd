using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Millpond.Engines.Live;

/// <summary>
/// A piece of network between clients and a server, which a test can make slow, silent or broken, each direction by itself. It needs no rights on the machine.
/// </summary>
/// <remarks>What is silent stays connected, as behind a pulled cable: neither side is told. New connections are accepted meanwhile, and carry nothing.</remarks>
public sealed class Relay : IAsyncDisposable
{
    private readonly int _serverPort;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<Connection, Task> _connections = new();
    private readonly RelayGate _toServer = new();
    private readonly RelayGate _toClient = new();
    private readonly Task _accepting;
    private int _accepted;
    private volatile bool _isCut;

    private Relay(int port, int serverPort)
    {
        (Port, _serverPort) = (port, serverPort);
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>What a client connects to.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Connections ever accepted, those cut off at once included.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Connections that pass through it now.</summary>
    public int Connections => _connections.Count;

    /// <summary>Begins to relay to a server of this machine, which need not be there yet.</summary>
    public static Relay To(int serverPort) => new(EngineProcess.FreePort(), serverPort);

    /// <summary>Lets nothing pass any more; nothing is lost, and neither side is told.</summary>
    public void Stall(RelayDirection direction = RelayDirection.Both)
    {
        foreach (var gate in Gates(direction))
        {
            gate.Close();
        }
    }

    /// <summary>Lets everything pass again, and first what was held.</summary>
    public void Resume(RelayDirection direction = RelayDirection.Both)
    {
        foreach (var gate in Gates(direction))
        {
            gate.Open();
        }
    }

    /// <summary>Lets everything pass so much later than it came, in order; <see cref="TimeSpan.Zero"/> ends it.</summary>
    public void DelayBy(TimeSpan time, RelayDirection direction = RelayDirection.Both)
    {
        foreach (var gate in Gates(direction))
        {
            gate.Delay = time;
        }
    }

    /// <summary>Breaks every connection: both sides are told by a reset, and what was under way is lost. New ones may be made.</summary>
    public void Drop()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Reset();
        }
    }

    /// <summary>As <see cref="Drop"/>, and new connections are reset at once too, until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _isCut = true;
        Drop();
    }

    /// <summary>Ends <see cref="Cut"/>.</summary>
    public void Mend() => _isCut = false;

    /// <summary>Tells the receiving side of one direction that nothing more comes, while the other direction still works.</summary>
    public void HalfClose(RelayDirection direction)
    {
        foreach (var connection in _connections.Keys)
        {
            connection.HalfClose(direction);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Stop();
        await _accepting;
        Drop();
        await Task.WhenAll(_connections.Values);
        _listener.Dispose();
        _ending.Dispose();
    }

    private IEnumerable<RelayGate> Gates(RelayDirection direction)
    {
        if (direction.HasFlag(RelayDirection.ToServer))
        {
            yield return _toServer;
        }

        if (direction.HasFlag(RelayDirection.ToClient))
        {
            yield return _toClient;
        }
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptSocketAsync(_ending.Token);
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }

            Interlocked.Increment(ref _accepted);
            var connection = new Connection(client, new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            var running = new TaskCompletionSource();
            _connections[connection] = running.Task;
            _ = RunAsync(connection, running);
        }
    }

    private async Task RunAsync(Connection connection, TaskCompletionSource running)
    {
        try
        {
            await connection.Server.ConnectAsync(IPAddress.Loopback, _serverPort, _ending.Token);
            if (!_isCut)
            {
                await connection.RunAsync(_toServer, _toClient, _ending.Token);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // No server there, or dropped while connecting: the client is told below.
        }
        finally
        {
            connection.Reset();
            _connections.TryRemove(connection, out _);
            running.SetResult();
        }
    }

    private sealed class Connection(Socket client, Socket server)
    {
        private RelayWay? _up;
        private RelayWay? _down;

        public Socket Server => server;

        public async Task RunAsync(RelayGate toServer, RelayGate toClient, CancellationToken ending)
        {
            client.NoDelay = true;
            (_up, _down) = (new RelayWay(client, server, toServer, ending), new RelayWay(server, client, toClient, ending));
            await Task.WhenAll(_up.RunAsync(), _down.RunAsync());
        }

        public void HalfClose(RelayDirection direction)
        {
            try
            {
                if (direction.HasFlag(RelayDirection.ToServer))
                {
                    _up?.HalfClose();
                }

                if (direction.HasFlag(RelayDirection.ToClient))
                {
                    _down?.HalfClose();
                }
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                // It was over already.
            }
        }

        public void Reset()
        {
            foreach (var socket in new[] { client, server })
            {
                try
                {
                    socket.LingerState = new LingerOption(true, 0);
                }
                catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
                {
                    // Never connected, or closed: nothing to reset.
                }

                socket.Dispose();
            }
        }
    }
}
