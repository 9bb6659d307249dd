using System.Text;
using Millpond.Resp;

namespace Millpond.Engines.Fake;

/// <summary>One connection of a <see cref="FakeServer"/>.</summary>
public sealed class FakeSession
{
    private readonly FakeServer _server;
    private readonly DuplexStream _stream;
    private readonly Lock _sending = new();

    internal FakeSession(FakeServer server, DuplexStream stream, RespEndpoint endpoint) => (_server, _stream, Endpoint) = (server, stream, endpoint);

    /// <summary>Where the client thinks it connected to.</summary>
    public RespEndpoint Endpoint { get; }

    /// <summary>Completed when the client has ended the connection.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Whether it was ever told to subscribe.</summary>
    public bool IsSubscribed { get; internal set; }

    /// <summary>Ends the connection.</summary>
    public void Close() => _stream.Dispose();

    /// <summary>Sends bytes, whatever they are, in pieces of <paramref name="pieceBytes"/>.</summary>
    public void Send(string bytes, int pieceBytes = int.MaxValue)
    {
        lock (_sending)
        {
            try
            {
                var left = Encoding.UTF8.GetBytes(bytes).AsMemory();
                while (left.Length > 0)
                {
                    var piece = left[..Math.Min(pieceBytes, left.Length)];

                    // Into memory: it waits only for a client that leaves megabytes unread.
                    _stream.WriteAsync(piece).AsTask().GetAwaiter().GetResult();
                    left = left[piece.Length..];
                }
            }
            catch (InvalidOperationException)
            {
                // Closed meanwhile.
            }
        }
    }

    internal void Start() => Ended = Task.Run(ServeAsync);

    private async Task ServeAsync()
    {
        var (bytes, buffer) = (new List<byte>(), new byte[65_536]);
        try
        {
            while (await _stream.ReadAsync(buffer) is var count and > 0)
            {
                using var answering = _server.BeginAnswer();
                bytes.AddRange(buffer.AsSpan(0, count));
                var (used, replies) = Answer([.. bytes]);
                bytes.RemoveRange(0, used);
                Send(replies);
            }
        }
        catch (Exception closed) when (closed is ObjectDisposedException or InvalidOperationException or IOException)
        {
            // By this side or the other.
        }
        finally
        {
            _stream.Dispose();
        }
    }

    private (int Used, string Replies) Answer(byte[] bytes)
    {
        var (used, replies) = (0, new StringBuilder());
        var scanner = default(Millpond.Resp.Frames.FrameScanner);
        while (scanner.TryFinish(bytes.AsSpan(used), RespLimits.Default, out var length))
        {
            var reader = new RespReader(bytes.AsSpan(used, length));
            reader.ReadNext();
            replies.Append(_server.Answer(this, [.. RespValue.Read(ref reader).Items.Select(i => i.Text!)]));
            used += length;
        }

        return (used, replies.ToString());
    }
}
