using System.Runtime.CompilerServices;

namespace Millpond.Resp.Frames;

/// <summary>
/// Finds the end of a frame in bytes that arrive in pieces. It is asked again with the same bytes and more behind them, and remembers how far it came:
/// no element is looked at twice, except the first few bytes of the one that was cut off.
/// </summary>
/// <remarks>
/// Total: any input ends in a frame, in "more, please", or in <see cref="RespErrorCode.ProtocolViolation"/>. A mutable structure: keep it in a field.
/// </remarks>
internal struct FrameScanner
{
    private int _next;
    private int _searched;
    private int _depth;
    private int _elements;
    private ulong _attributes;
    private Levels _left;

    /// <summary>How many bytes the frame has at least, as far as is known; what a buffer may grow to.</summary>
    public long Wanted { get; private set; }

    /// <summary>Whether <paramref name="bytes"/>, which begin with the frame, hold all of it; <paramref name="length"/> is then its length, and the
    /// scanner is ready for the next frame.</summary>
    public bool TryFinish(ReadOnlySpan<byte> bytes, RespLimits limits, out int length)
    {
        while (_next < bytes.Length)
        {
            var shape = FrameLine.ShapeOf(bytes[_next]);
            var end = FrameLine.EndOf(bytes, _next, Math.Max(_searched, _next), limits.LineBytesMax);
            if (end == 0)
            {
                _searched = bytes.Length;
                break;
            }

            Count(limits);
            var digits = bytes[(_next + 1)..(end - 2)];
            bool whole;
            if (shape == FrameLine.Shape.Line)
            {
                (_next, whole) = (end, EndElement());
            }
            else if (shape == FrameLine.Shape.Blob)
            {
                if (!TryFinishBlob(bytes, end, FrameLine.Length(digits), limits))
                {
                    _elements--;
                    break;
                }

                whole = EndElement();
            }
            else
            {
                var type = bytes[_next];
                _next = end;
                whole = Enter(type, shape, FrameLine.Length(digits), limits);
            }

            if (whole)
            {
                length = _next;
                Restart();
                return true;
            }
        }

        length = 0;
        Wanted = Math.Max(Wanted, bytes.Length + 1L);
        return bytes.Length < limits.FrameBytesMax ? false : throw TooLong(limits);
    }

    private bool TryFinishBlob(ReadOnlySpan<byte> bytes, int start, long length, RespLimits limits)
    {
        if (length < 0)
        {
            _next = start;
            return true;
        }

        if (length > limits.FrameBytesMax - start)
        {
            throw TooLong(limits);
        }

        var end = start + (int)length + 2;
        if (bytes.Length < end)
        {
            Wanted = end;
            return false;
        }

        if (bytes[end - 2] != (byte)'\r' || bytes[end - 1] != (byte)'\n')
        {
            throw RespException.Protocol("a value does not end where its length says.");
        }

        _next = end;
        return true;
    }

    // True if this ends the frame, as an empty aggregate may.
    private bool Enter(byte type, FrameLine.Shape shape, long count, RespLimits limits)
    {
        var isAttribute = shape == FrameLine.Shape.Attribute;
        if (type == (byte)'>' && _depth > 0)
        {
            throw RespException.Protocol("a push within another frame.");
        }

        if (count <= 0)
        {
            return !isAttribute && EndElement();
        }

        if (_depth >= Math.Min(limits.DepthMax, RespLimits.DepthEnd))
        {
            throw RespException.Protocol($"aggregates on more than {limits.DepthMax} levels (DepthMax).");
        }

        if (count > limits.ElementsMax)
        {
            throw TooMany(limits);
        }

        _left[_depth] = (int)count;
        if (shape != FrameLine.Shape.List)
        {
            _left[_depth] = checked((int)Math.Min(count * 2, int.MaxValue));
        }

        var bit = 1UL << _depth++;
        _attributes = isAttribute ? _attributes | bit : _attributes & ~bit;
        return false;
    }

    private bool EndElement()
    {
        while (_depth > 0)
        {
            if (--_left[_depth - 1] > 0)
            {
                return false;
            }

            _depth--;
            if ((_attributes & (1UL << _depth)) != 0)
            {
                // What the attribute belongs to is still to come.
                return false;
            }
        }

        return true;
    }

    private void Count(RespLimits limits)
    {
        if (++_elements > limits.ElementsMax)
        {
            throw TooMany(limits);
        }
    }

    // Not `default`: the levels are most of the bytes, and are written before they are read.
    private void Restart() => (_next, _searched, _depth, _elements, _attributes, Wanted) = (0, 0, 0, 0, 0, 0);

    private static RespException TooMany(RespLimits limits) => RespException.Protocol($"a frame of more than {limits.ElementsMax} elements (ElementsMax).");

    private static RespException TooLong(RespLimits limits) => RespException.Protocol($"a frame of more than {limits.FrameBytesMax} bytes (FrameBytesMax).");

    [InlineArray(RespLimits.DepthEnd)]
    private struct Levels
    {
        private int _first;
    }
}
