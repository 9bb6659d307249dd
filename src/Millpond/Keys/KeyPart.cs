using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Millpond.Keys;

/// <summary>
/// How one type of key, or of part of a key, becomes text and is read from it again. Equal keys give equal texts and different keys different ones; a type for which
/// that cannot be said (floating point, decimal, dates with a kind or an offset, Uri) has no part.
/// </summary>
internal abstract class KeyPart<T>
{
    public abstract void Append(T key, ref KeyTextBuilder text);

    /// <summary>
    /// Reads whatever <see cref="Append"/> may have written, and maybe more: <see cref="KeyText{TKey}"/> writes the key again and compares.
    /// Throws nothing of its own; a constructor or function of the application's may throw.
    /// </summary>
    public abstract bool TryRead(ref KeyTextReader text, [MaybeNullWhen(false)] out T key);

    /// <summary>Reads a separator and what stands behind it.</summary>
    public bool TryReadNext(ref KeyTextReader text, [MaybeNullWhen(false)] out T key)
    {
        key = default;
        return text.TryReadSeparator() && TryRead(ref text, out key);
    }
}

internal sealed class StringPart : KeyPart<string?>
{
    public override void Append(string? key, ref KeyTextBuilder text)
    {
        if (key is null)
        {
            text.AppendNull();
        }
        else
        {
            text.AppendOutside(key);
        }
    }

    public override bool TryRead(ref KeyTextReader text, out string? key)
    {
        key = null;
        return text.TryReadNull() || text.TryReadOutside(out key);
    }
}

internal sealed class CharPart : KeyPart<char>
{
    public override void Append(char key, ref KeyTextBuilder text) => text.AppendOutside([key]);

    public override bool TryRead(ref KeyTextReader text, out char key)
    {
        var isOne = text.TryReadOutside(out var read) && read.Length == 1;
        key = isOne ? read![0] : default;
        return isOne;
    }
}

internal sealed class BooleanPart : KeyPart<bool>
{
    public override void Append(bool key, ref KeyTextBuilder text) => text.AppendOutside(key ? "true" : "false");

    public override bool TryRead(ref KeyTextReader text, out bool key)
    {
        var isText = text.TryReadOutside(out var read);
        key = read == "true";
        return isText && (key || read == "false");
    }
}

/// <summary>Integers, Guid and DateOnly, each in its one invariant format.</summary>
internal sealed class FormattedPart<T>(string format) : KeyPart<T>
    where T : ISpanFormattable, ISpanParsable<T>
{
    public override void Append(T key, ref KeyTextBuilder text) => text.AppendFormatted(key, format);

    public override bool TryRead(ref KeyTextReader text, [MaybeNullWhen(false)] out T key) => text.TryReadFormatted(out key);
}

/// <summary>Enums by number: names may be changed, two may share a number, and some numbers have none.</summary>
internal sealed class EnumPart<T, TNumber>(KeyPart<TNumber> number) : KeyPart<T>
    where T : struct, Enum
    where TNumber : struct
{
    public override void Append(T key, ref KeyTextBuilder text) => number.Append(Unsafe.BitCast<T, TNumber>(key), ref text);

    public override bool TryRead(ref KeyTextReader text, out T key)
    {
        var isNumber = number.TryRead(ref text, out var read);
        key = Unsafe.BitCast<TNumber, T>(read);
        return isNumber;
    }
}

/// <summary>Only for types whose text has no separator: a null among parts of several would leave open which ones it stands for.</summary>
internal sealed class NullablePart<T>(KeyPart<T> part) : KeyPart<T?>
    where T : struct
{
    public override void Append(T? key, ref KeyTextBuilder text)
    {
        if (key is { } value)
        {
            part.Append(value, ref text);
        }
        else
        {
            text.AppendNull();
        }
    }

    public override bool TryRead(ref KeyTextReader text, out T? key)
    {
        key = null;
        if (text.TryReadNull())
        {
            return true;
        }

        var isValue = part.TryRead(ref text, out var value);
        key = value;
        return isValue;
    }
}
