using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Millpond.Keys;

/// <summary>
/// Takes a key's text apart, the way back of <see cref="KeyTextBuilder"/>. The text may be anyone's: nothing here throws, and only escapes
/// that would have been written are read.
/// </summary>
internal ref struct KeyTextReader(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>The tenant and the separator behind it; by the rules for tenants, asked here so that a wrong one costs no exception.</summary>
    public bool TryReadTenant([NotNullWhen(true)] out string? tenant) =>
        TryReadOutside(out tenant)
        && tenant.Length > 0
        && Encoding.UTF8.GetByteCount(tenant) <= KeyRules.ScopeBytesMax
        && TryReadSeparator();

    public bool TryReadSeparator()
    {
        if (!_rest.StartsWith(KeyRules.Separator))
        {
            return false;
        }

        _rest = _rest[KeyRules.Separator.Length..];
        return true;
    }

    /// <summary>Whether the next part is null; only then it is taken.</summary>
    public bool TryReadNull()
    {
        var before = _rest;
        if (Part().SequenceEqual(KeyTextBuilder.Null))
        {
            return true;
        }

        _rest = before;
        return false;
    }

    /// <summary>A number, a Guid or a date in any form its type reads; that it is the one written is for the caller to find out.</summary>
    public bool TryReadFormatted<T>([MaybeNullWhen(false)] out T value)
        where T : ISpanParsable<T> => T.TryParse(Part(), CultureInfo.InvariantCulture, out value);

    /// <summary>What came from outside, its escapes undone. Null has an escape of its own, which is not read here.</summary>
    public bool TryReadOutside([NotNullWhen(true)] out string? text)
    {
        var part = Part();
        text = KeyRules.IsPlain(part) ? new string(part) : Unescaped(part);
        return text is not null;
    }

    private static string? Unescaped(ReadOnlySpan<char> part)
    {
        var chars = part.Length <= KeyTextBuilder.StackChars ? stackalloc char[KeyTextBuilder.StackChars] : new char[part.Length];
        var written = 0;
        for (var i = 0; i < part.Length;)
        {
            if (KeyRules.IsRefused(part, i, out var length))
            {
                return null;
            }

            if (part[i] == '%')
            {
                length = 3;
                if (!TryUnescape(part[i..], out chars[written++]))
                {
                    return null;
                }
            }
            else if (KeyRules.Escaped.Contains(part[i]))
            {
                return null;
            }
            else
            {
                part.Slice(i, length).CopyTo(chars[written..]);
                written += length;
            }

            i += length;
        }

        return new string(chars[..written]);
    }

    private static bool TryUnescape(ReadOnlySpan<char> text, out char c)
    {
        const string Digits = KeyTextBuilder.EscapeDigits;
        c = default;
        if (text.Length < 3 || Digits.IndexOf(text[1]) is var high && high < 0 || Digits.IndexOf(text[2]) is var low && low < 0)
        {
            return false;
        }

        c = (char)((high << 4) | low);
        return KeyRules.Escaped.Contains(c);
    }

    /// <summary>Up to the next separator, which is never inside a part.</summary>
    private ReadOnlySpan<char> Part()
    {
        var end = _rest.IndexOf(KeyRules.Separator);
        var part = end < 0 ? _rest : _rest[..end];
        _rest = _rest[part.Length..];
        return part;
    }
}
