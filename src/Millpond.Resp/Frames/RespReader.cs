using System.Buffers.Text;
using System.Text;
using Millpond.Resp.Frames;

namespace Millpond.Resp;

/// <summary>
/// Reads the elements of a frame one after another, the children of an aggregate right behind it. Total: whatever the bytes are, a read ends in an
/// element, in the end of the bytes, or in a <see cref="RespException"/>. Attributes are stepped over. It knows RESP2 and RESP3, and answers alike where
/// the two say the same thing differently.
/// </summary>
public ref struct RespReader
{
    private readonly int _lineBytesMax;
    private ReadOnlySpan<byte> _rest;

    /// <summary>Begins in front of the first element; call <see cref="Read"/>.</summary>
    /// <param name="frame">One whole frame, or several behind one another.</param>
    public RespReader(ReadOnlySpan<byte> frame)
        : this(frame, RespLimits.Default)
    {
    }

    internal RespReader(ReadOnlySpan<byte> frame, RespLimits limits)
    {
        _rest = frame;
        _lineBytesMax = limits.LineBytesMax;
    }

    /// <summary>Who sent the frame, as it said when its connection was made. Null while a connection is being made, and for bytes that came over none.</summary>
    public RespServer? Server { readonly get; internal init; }

    /// <summary>What the current element is.</summary>
    public RespType Type { readonly get; private set; }

    /// <summary>Whether the current element is null, in any of the three ways to say so.</summary>
    public bool IsNull { readonly get; private set; }

    /// <summary>How many elements the current aggregate has as its children, keys and values of a map counted apart; 0 for everything else.</summary>
    public int Count { readonly get; private set; }

    /// <summary>The current element's bytes, valid as long as the frame's are: a value, a text, the digits of a number; empty for an aggregate or null.</summary>
    public ReadOnlySpan<byte> Bytes { readonly get; private set; }

    /// <summary>Whether the current element is an error.</summary>
    public readonly bool IsError => Type is RespType.Error or RespType.BulkError;

    /// <summary>Whether nothing is left to read.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    internal readonly int Left => _rest.Length;

    /// <summary>Goes to the next element.</summary>
    /// <returns>False at the end of the bytes.</returns>
    /// <exception cref="RespException">The bytes are no element: <see cref="RespErrorCode.ProtocolViolation"/>.</exception>
    public bool Read()
    {
        while (!_rest.IsEmpty)
        {
            var type = _rest[0];
            var shape = FrameLine.ShapeOf(type);
            var end = FrameLine.EndOf(_rest, 0, 0, _lineBytesMax);
            if (end == 0)
            {
                throw CutOff();
            }

            var line = _rest[1..(end - 2)];
            _rest = _rest[end..];
            if (shape == FrameLine.Shape.Attribute)
            {
                for (var left = Elements(shape, FrameLine.Length(line)); left > 0; left--)
                {
                    SkipNext();
                }

                continue;
            }

            Take((RespType)type, shape, line);
            return true;
        }

        return false;
    }

    /// <summary>Goes to the next element, which must be there.</summary>
    /// <exception cref="RespException">There is none.</exception>
    public void ReadNext()
    {
        if (!Read())
        {
            throw CutOff();
        }
    }

    /// <summary>Steps over the children of the current element, and theirs.</summary>
    public void SkipChildren()
    {
        // A sum instead of recursion: depth costs nothing, and each step consumes bytes.
        for (long left = Count; left > 0; left--)
        {
            ReadNext();
            left += Count;
        }

        Count = 0;
    }

    /// <summary>The current element as a whole number, however it was sent.</summary>
    /// <exception cref="RespException">It is none: <see cref="RespErrorCode.UnexpectedReply"/>.</exception>
    public readonly long GetInteger()
    {
        if (Type == RespType.Boolean)
        {
            return GetBoolean() ? 1 : 0;
        }

        return Utf8Parser.TryParse(Bytes, out long value, out var used) && used == Bytes.Length && used > 0 ? value : throw Unexpected("a whole number");
    }

    /// <summary>The current element as a floating-point number, however it was sent; <c>inf</c>, <c>-inf</c> and <c>nan</c> included.</summary>
    /// <exception cref="RespException">It is none: <see cref="RespErrorCode.UnexpectedReply"/>.</exception>
    public readonly double GetDouble()
    {
        if (Utf8Parser.TryParse(Bytes, out double value, out var used) && used == Bytes.Length && used > 0)
        {
            return value;
        }

        return Bytes.SequenceEqual("inf"u8) ? double.PositiveInfinity
            : Bytes.SequenceEqual("-inf"u8) ? double.NegativeInfinity
            : Bytes.SequenceEqual("nan"u8) ? double.NaN
            : throw Unexpected("a number");
    }

    /// <summary>The current element as true or false; RESP2 says 1 and 0.</summary>
    /// <exception cref="RespException">It is neither: <see cref="RespErrorCode.UnexpectedReply"/>.</exception>
    public readonly bool GetBoolean() =>
        Bytes.Length == 1 && Bytes[0] is (byte)'t' or (byte)'1' ? true
        : Bytes.Length == 1 && Bytes[0] is (byte)'f' or (byte)'0' ? false
        : throw Unexpected("true or false");

    /// <summary>The current element as text; null if it is null.</summary>
    /// <exception cref="RespException">It is an aggregate: <see cref="RespErrorCode.UnexpectedReply"/>.</exception>
    public readonly string? GetText() => IsNull ? null : IsAggregate ? throw Unexpected("a text") : Encoding.UTF8.GetString(Bytes);

    /// <summary>Whether the current element has children, or could have.</summary>
    public readonly bool IsAggregate => Type is RespType.Array or RespType.Map or RespType.Set or RespType.Push;

    /// <summary>The count of the current element, which must be an aggregate or null (0).</summary>
    /// <exception cref="RespException">It is neither: <see cref="RespErrorCode.UnexpectedReply"/>.</exception>
    public readonly int GetCount() => IsAggregate || IsNull ? Count : throw Unexpected("an aggregate");

    internal readonly RespException Unexpected(string wanted) =>
        new(RespErrorCode.UnexpectedReply, $"the reply holds an element of type {Type} where {wanted} was expected. Is the command read by the reader made for it?");

    private void SkipNext()
    {
        ReadNext();
        SkipChildren();
    }

    private void Take(RespType type, FrameLine.Shape shape, ReadOnlySpan<byte> line)
    {
        (Type, Count, IsNull) = (type, 0, false);
        if (shape == FrameLine.Shape.Line)
        {
            IsNull = type == RespType.Null;
            Bytes = line;
            return;
        }

        var length = FrameLine.Length(line);
        Bytes = default;
        if (length < 0)
        {
            IsNull = true;
        }
        else if (shape != FrameLine.Shape.Blob)
        {
            Count = Elements(shape, length);
        }
        else if (_rest.Length - 2 < length)
        {
            throw CutOff();
        }
        else
        {
            TakeBlob((int)length);
        }
    }

    private void TakeBlob(int length)
    {
        if (_rest[length] != (byte)'\r' || _rest[length + 1] != (byte)'\n')
        {
            throw RespException.Protocol("a value does not end where its length says.");
        }

        Bytes = _rest[..length];
        _rest = _rest[(length + 2)..];

        // "txt:" or "mkd:" in front of the text.
        if (Type == RespType.Verbatim && length >= 4 && Bytes[3] == (byte)':')
        {
            Bytes = Bytes[4..];
        }
    }

    // No element is shorter than three bytes, so a count that the bytes cannot hold is a lie, and nobody makes room for it.
    private readonly int Elements(FrameLine.Shape shape, long count)
    {
        var elements = shape == FrameLine.Shape.List || count < 0 ? count : count <= int.MaxValue ? count * 2 : long.MaxValue;
        return elements <= _rest.Length / 3 ? (int)elements : throw CutOff();
    }

    private static RespException CutOff() => RespException.Protocol("the frame ends in the middle.");
}
