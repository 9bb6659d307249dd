using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Millpond.Resp;

/// <summary>
/// Writes commands: <see cref="Command"/> announces one and how many arguments follow, and each <c>Argument</c> is one of them. RESP2 and RESP3 write commands alike.
/// </summary>
/// <remarks>A structure over a span of the buffer: pass it by reference, and call <see cref="Complete"/> in the end.</remarks>
public ref struct RespWriter
{
    // "$" or "*", twenty digits, and CR LF.
    private const int HeaderBytesMax = 24;

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _free;
    private int _used;
    private int _owed;

    /// <summary>Writes to <paramref name="output"/>.</summary>
    /// <param name="output">Where the bytes go.</param>
    public RespWriter(IBufferWriter<byte> output) => _output = output;

    internal int Commands { readonly get; private set; }

    /// <summary>Announces a command.</summary>
    /// <param name="name">Its name, such as <c>GET</c>.</param>
    /// <param name="arguments">How many arguments will follow.</param>
    /// <exception cref="RespException">The command before is short of arguments: <see cref="RespErrorCode.MalformedCommand"/>.</exception>
    public void Command(scoped ReadOnlySpan<byte> name, int arguments)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(arguments);
        CheckIsWhole();
        Header((byte)'*', arguments + 1);
        Commands++;
        _owed = arguments + 1;
        Argument(name);
    }

    /// <summary>Writes one argument as it is.</summary>
    /// <param name="value">Its bytes.</param>
    public void Argument(scoped ReadOnlySpan<byte> value)
    {
        Pay();
        Header((byte)'$', value.Length);
        Reserve(value.Length + 2);
        value.CopyTo(_free[_used..]);
        _used += value.Length;
        EndLine();
    }

    /// <summary>Writes one argument as UTF-8.</summary>
    /// <param name="value">Its text.</param>
    public void Argument(scoped ReadOnlySpan<char> value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Pay();
        Header((byte)'$', length);
        Reserve(length + 2);
        Utf8.FromUtf16(value, _free[_used..], out _, out var written);
        _used += written;
        EndLine();
    }

    /// <summary>Writes one argument as decimal digits.</summary>
    /// <param name="value">The number.</param>
    public void Argument(long value)
    {
        Span<byte> digits = stackalloc byte[HeaderBytesMax];
        Utf8Formatter.TryFormat(value, digits, out var length);
        Argument(digits[..length]);
    }

    /// <summary>Hands what was written to the output.</summary>
    /// <exception cref="RespException">The last command is short of arguments: <see cref="RespErrorCode.MalformedCommand"/>.</exception>
    public void Complete()
    {
        CheckIsWhole();
        if (_used > 0)
        {
            _output.Advance(_used);
            _free = default;
            _used = 0;
        }
    }

    private readonly void CheckIsWhole()
    {
        if (_owed > 0)
        {
            throw new RespException(RespErrorCode.MalformedCommand, $"a command was announced with {_owed} more arguments than were written; announce what you write.");
        }
    }

    private void Pay()
    {
        if (--_owed < 0)
        {
            throw new RespException(RespErrorCode.MalformedCommand, "an argument without a command, or more arguments than were announced; announce what you write.");
        }
    }

    private void Header(byte type, int length)
    {
        Reserve(HeaderBytesMax);
        var at = _free[_used..];
        at[0] = type;
        var digits = 1;
        if (length < 10)
        {
            at[1] = (byte)('0' + length);
        }
        else
        {
            Utf8Formatter.TryFormat(length, at[1..], out digits);
        }

        _used += digits + 1;
        EndLine();
    }

    private void EndLine()
    {
        "\r\n"u8.CopyTo(_free[_used..]);
        _used += 2;
    }

    private void Reserve(int bytes)
    {
        if (_free.Length - _used < bytes)
        {
            if (_used > 0)
            {
                _output.Advance(_used);
            }

            _free = _output.GetSpan(bytes);
            _used = 0;
        }
    }
}
