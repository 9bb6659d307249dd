using System.Runtime.CompilerServices;

namespace Millpond.Local;

/// <summary>What a look-up asks for. Implemented by structs, so that looking up is compiled for each anew.</summary>
internal interface IAsked<TKey>
{
    /// <summary>Whether a key that is held is what was asked for.</summary>
    bool Is(TKey? held);
}

/// <summary>A key.</summary>
internal readonly struct AskedKey<TKey>(TKey key) : IAsked<TKey>
    where TKey : notnull
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Is(TKey? held)
    {
        if (typeof(TKey).IsValueType)
        {
            return EqualityComparer<TKey>.Default.Equals(held, key);
        }

        return (object)key is string text ? string.Equals(text, held as string) : key.Equals(held);
    }
}

/// <summary>The characters of a string, where keys are strings.</summary>
internal readonly ref struct AskedText<TKey>(ReadOnlySpan<char> text) : IAsked<TKey>
{
    private readonly ReadOnlySpan<char> _text = text;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Is(TKey? held) => held is string its && _text.SequenceEqual(its);
}
