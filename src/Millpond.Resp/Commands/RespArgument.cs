using System.Globalization;
using System.Text;

namespace Millpond.Resp;

/// <summary>One argument of a command that is given as a list. Texts become UTF-8, numbers decimal digits.</summary>
public readonly struct RespArgument
{
    private readonly ReadOnlyMemory<byte> _bytes;

    private RespArgument(ReadOnlyMemory<byte> bytes) => _bytes = bytes;

    /// <summary>What is sent.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>A text.</summary>
    /// <param name="value">The text.</param>
    public static implicit operator RespArgument(string value) => new(Encoding.UTF8.GetBytes(value));

    /// <summary>Bytes, not copied.</summary>
    /// <param name="value">The bytes.</param>
    public static implicit operator RespArgument(byte[] value) => new(value);

    /// <summary>Bytes, not copied.</summary>
    /// <param name="value">The bytes.</param>
    public static implicit operator RespArgument(ReadOnlyMemory<byte> value) => new(value);

    /// <summary>A whole number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RespArgument(long value) => new(Encoding.UTF8.GetBytes(value.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A floating-point number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RespArgument(double value) => new(Encoding.UTF8.GetBytes(value.ToString("R", CultureInfo.InvariantCulture)));
}
