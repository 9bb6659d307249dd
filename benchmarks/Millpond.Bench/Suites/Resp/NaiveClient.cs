using System.Net.Sockets;
using System.Text;

namespace Millpond.Bench.Suites.Resp;

/// <summary>What one writes in an afternoon: a connection, a lock around it, one command at a time.</summary>
internal sealed class NaiveClient : IDisposable
{
    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly byte[] _buffer = new byte[8192];

    public NaiveClient(int port)
    {
        _tcp = new TcpClient("127.0.0.1", port) { NoDelay = true };
        _stream = _tcp.GetStream();
    }

    public async ValueTask<int> SendAsync(params string[] words)
    {
        var command = new StringBuilder($"*{words.Length}\r\n");
        foreach (var word in words)
        {
            command.Append('$').Append(word.Length).Append("\r\n").Append(word).Append("\r\n");
        }

        await _one.WaitAsync();
        try
        {
            await _stream.WriteAsync(Encoding.UTF8.GetBytes(command.ToString()));
            for (var have = 0; ;)
            {
                have += await _stream.ReadAsync(_buffer.AsMemory(have));
                if (Whole(_buffer.AsSpan(0, have)) is var length and > 0)
                {
                    return length;
                }
            }
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _tcp.Dispose();
        _one.Dispose();
    }

    private static int Whole(ReadOnlySpan<byte> bytes)
    {
        var line = bytes.IndexOf("\r\n"u8);
        if (line < 0)
        {
            return 0;
        }

        var end = line + 2 + (bytes[0] == (byte)'$' ? int.Parse(bytes[1..line]) + 2 : 0);
        return bytes.Length >= end ? end : 0;
    }
}
