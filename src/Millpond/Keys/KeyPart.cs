using System.Runtime.CompilerServices;

namespace Millpond.Keys;

/// <summary>
/// How one type of key, or of part of a key, becomes text. Equal keys give equal texts and different keys different ones; a type for which
/// that cannot be said (floating point, decimal, dates with a kind or an offset, Uri) has no part.
/// </summary>
internal abstract class KeyPart<T>
{
    public abstract void Append(T key, ref KeyTextBuilder text);
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
}

internal sealed class CharPart : KeyPart<char>
{
    public override void Append(char key, ref KeyTextBuilder text) => text.AppendOutside([key]);
}

internal sealed class BooleanPart : KeyPart<bool>
{
    public override void Append(bool key, ref KeyTextBuilder text) => text.AppendOutside(key ? "true" : "false");
}

/// <summary>Integers, Guid and DateOnly, each in its one invariant format.</summary>
internal sealed class FormattedPart<T>(string format) : KeyPart<T>
    where T : ISpanFormattable
{
    public override void Append(T key, ref KeyTextBuilder text) => text.AppendFormatted(key, format);
}

/// <summary>Enums by number: names may be changed, two may share a number, and some numbers have none.</summary>
internal sealed class EnumPart<T, TNumber>(KeyPart<TNumber> number) : KeyPart<T>
    where T : struct, Enum
    where TNumber : struct
{
    public override void Append(T key, ref KeyTextBuilder text) => number.Append(Unsafe.BitCast<T, TNumber>(key), ref text);
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
}

/// <summary>Record structs and tuples: the parts in their order of declaration, a separator between each two.</summary>
internal sealed class CompositePart<T>(FieldPart<T>[] fields) : KeyPart<T>
{
    public override void Append(T key, ref KeyTextBuilder text)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            if (i > 0)
            {
                text.AppendSeparator();
            }

            fields[i].Append(in key, ref text);
        }
    }
}

/// <summary>One part of a composite, its own type hidden.</summary>
internal abstract class FieldPart<T>
{
    public abstract void Append(in T key, ref KeyTextBuilder text);
}

internal sealed class FieldPart<T, TField>(Func<T, TField> read, KeyPart<TField> part) : FieldPart<T>
{
    public override void Append(in T key, ref KeyTextBuilder text) => part.Append(read(key), ref text);
}
