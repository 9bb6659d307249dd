using System.Buffers;
using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Millpond.Engines.Live;

/// <summary>One way through one relayed connection: bytes go in as they come, and out when they are due and the way is open.</summary>
internal sealed class RelayWay(Socket from, Socket to, RelayGate gate, CancellationToken ending)
{
    // A network's worth: beyond it the sender's own socket fills up, as it does before a link that carries nothing.
    private const int PiecesMax = 64;
    private const int PieceBytes = 32 * 1024;

    private readonly Channel<(byte[] Bytes, int Count, long CameAt)> _pieces = Channel.CreateBounded<(byte[] Bytes, int Count, long CameAt)>(PiecesMax);

    /// <summary>Ends when one side has, or the relay.</summary>
    public Task RunAsync() => Task.WhenAll(TakeInAsync(), GiveOutAsync());

    /// <summary>Tells the receiving side that nothing more comes, and forwards nothing more.</summary>
    public void HalfClose()
    {
        _pieces.Writer.TryComplete();
        to.Shutdown(SocketShutdown.Send);
    }

    private async Task TakeInAsync()
    {
        try
        {
            while (true)
            {
                var bytes = ArrayPool<byte>.Shared.Rent(PieceBytes);
                var count = await from.ReceiveAsync(bytes, SocketFlags.None, ending);
                if (count == 0)
                {
                    break;
                }

                await _pieces.Writer.WriteAsync((bytes, count, Stopwatch.GetTimestamp()), ending);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException or ChannelClosedException)
        {
            // By either side, or by a test.
        }

        _pieces.Writer.TryComplete();
    }

    private async Task GiveOutAsync()
    {
        try
        {
            await foreach (var (bytes, count, cameAt) in _pieces.Reader.ReadAllAsync(ending))
            {
                await gate.PassAsync(cameAt, ending);
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(bytes.AsMemory(sent, count - sent), SocketFlags.None, ending);
                }

                ArrayPool<byte>.Shared.Return(bytes);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // By either side, or by a test. What comes in behind it is not forwarded any more.
            _pieces.Writer.TryComplete();
        }
    }
}
