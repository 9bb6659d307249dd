using System.Buffers;
using System.Globalization;
using System.Text;

namespace Millpond.Keys;

/// <summary>
/// Puts a key's text together on the stack, escaping and checking as it goes. Past the limit it goes on counting and checking but stores
/// no more, so that a hostile key of a gigabyte costs time and no memory, and the error can still say how long it was.
/// </summary>
/// <param name="start">Where the text begins to be written; the stack's, as a rule.</param>
/// <param name="keyBytesMax">The limit of the whole text in UTF-8.</param>
/// <param name="keyspace">Whose key it is, for errors.</param>
internal ref struct KeyTextBuilder(Span<char> start, int keyBytesMax, string? keyspace)
{
    /// <summary>Room for every key within the default limit; a longer one rents.</summary>
    public const int StackChars = 256;

    /// <summary>What a part that is null is written as. No text is written so, because U+0000 is refused.</summary>
    public const string Null = "%00";

    /// <summary>The digits of an escape: upper case only, so that a key has one text.</summary>
    public const string EscapeDigits = "0123456789ABCDEF";

    private Span<char> _chars = start;
    private char[]? _rented;
    private int _length;
    private long _bytes;
    private long _bytesBeforeKey;

    /// <summary>Appends what came from outside.</summary>
    /// <param name="text">Checked and escaped.</param>
    /// <param name="kind">What it is, for errors: key, tenant.</param>
    public void AppendOutside(scoped ReadOnlySpan<char> text, string kind = "key")
    {
        if (KeyRules.IsPlain(text))
        {
            AppendAscii(text);
            return;
        }

        for (var i = 0; i < text.Length;)
        {
            if (KeyRules.IsRefused(text, i, out var length))
            {
                throw KeyErrors.Refused(kind, text, i, keyspace);
            }

            if (KeyRules.Escaped.Contains(text[i]))
            {
                AppendEscape(text[i]);
            }
            else
            {
                Append(text.Slice(i, length), Encoding.UTF8.GetByteCount(text.Slice(i, length)));
            }

            i += length;
        }
    }

    /// <summary>Appends a number, a Guid or a date, whose invariant text has nothing to escape.</summary>
    public void AppendFormatted<T>(T value, scoped ReadOnlySpan<char> format)
        where T : ISpanFormattable
    {
        Span<char> text = stackalloc char[64]; // The longest is an Int128 with 40 characters.
        value.TryFormat(text, out var written, format, CultureInfo.InvariantCulture);
        AppendAscii(text[..written]);
    }

    /// <summary>Parts are never ambiguous: a separator inside one is escaped.</summary>
    public void AppendSeparator() => AppendAscii(KeyRules.Separator);

    /// <summary>The key begins here: what stands before it, a tenant, does not make up for an empty one.</summary>
    public void BeginKey() => _bytesBeforeKey = _bytes;

    public void AppendNull() => AppendAscii(Null);

    /// <summary>The text, in the only allocation made here.</summary>
    public readonly string ToText()
    {
        Check();
        return new string(_chars[.._length]);
    }

    /// <summary>Whether the whole text is this one; never, once it is past the limit.</summary>
    public readonly bool Is(scoped ReadOnlySpan<char> text) => _bytes <= keyBytesMax && text.SequenceEqual(_chars[.._length]);

    /// <summary>Throws MP1101 if the text is empty or too long.</summary>
    public readonly void Check()
    {
        if (_bytes == _bytesBeforeKey)
        {
            throw KeyErrors.Empty("key", keyspace);
        }

        if (_bytes > keyBytesMax)
        {
            throw KeyErrors.TooLong("key", _bytes, keyBytesMax, "KeyBytesMax", keyspace);
        }
    }

    public void Dispose()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            _chars = default;
            ArrayPool<char>.Shared.Return(rented);
        }
    }

    private void AppendEscape(char c) => AppendAscii(['%', EscapeDigits[c >> 4], EscapeDigits[c & 15]]);

    private void AppendAscii(scoped ReadOnlySpan<char> text) => Append(text, text.Length);

    private void Append(scoped ReadOnlySpan<char> text, int bytes)
    {
        _bytes += bytes;
        if (_bytes > keyBytesMax)
        {
            return;
        }

        if (text.Length > _chars.Length - _length)
        {
            Grow(_length + text.Length);
        }

        text.CopyTo(_chars[_length..]);
        _length += text.Length;
    }

    private void Grow(int needed)
    {
        var grown = ArrayPool<char>.Shared.Rent(Math.Max(needed, _chars.Length * 2));
        _chars[.._length].CopyTo(grown);
        if (_rented is { } rented)
        {
            ArrayPool<char>.Shared.Return(rented);
        }

        _rented = grown;
        _chars = grown;
    }
}
