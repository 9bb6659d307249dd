using System.Buffers;
using System.Text;

namespace Millpond.Keys;

/// <summary>
/// What a key, a tag, a tenant and a keyspace's name may be. The rules hold for every engine alike, so that moving to another engine
/// never makes a key invalid.
/// </summary>
/// <remarks>
/// Refused in keys, tags and tenants: control characters (they split lines in protocols, logs and terminals), the line and paragraph
/// separators U+2028 and U+2029 (the same, in JavaScript and some logs), and surrogates without their partner (UTF-8 has no form for
/// them, and a replacement character would make two keys one). Escaped in keys and tenants as <c>%XX</c>: what has a meaning inside a key's
/// text. Everything else passes as it is; two keys that look alike in different Unicode normal forms are two keys.
/// </remarks>
internal static class KeyRules
{
    /// <summary>The default limit of a key's text in UTF-8, tenant and escapes included: memcached takes no longer key.</summary>
    public const int DefaultKeyBytesMax = 250;

    /// <summary>What the limit may be raised to. Engines take more, but a key is repeated in every request, record and log line.</summary>
    public const int KeyBytesMaxMax = 64 * 1024;

    /// <summary>The limit of a tag or a tenant in UTF-8: each is repeated in every record that carries it, and half a key's limit leaves a
    /// tenant's keys the other half.</summary>
    public const int ScopeBytesMax = 128;

    /// <summary>The limit of a keyspace's name: it is part of every key and a label of every metric.</summary>
    public const int KeyspaceNameLengthMax = 64;

    /// <summary>Stands between tenant and key, and between the parts of a key. It never comes out of a part, so texts are unambiguous.</summary>
    public const string Separator = ":";

    /// <summary>
    /// Written as <c>%XX</c>: the separator; the escape itself; the braces, which choose the slot of a Redis Cluster key; the hash, which
    /// stands before a partition's number; the space, which ends a key in memcached.
    /// </summary>
    public const string Escaped = ":%{}# ";

    private static readonly SearchValues<char> PlainAscii = SearchValues.Create(
        Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => !Escaped.Contains(c)).ToArray());

    private static readonly SearchValues<char> KeyspaceNameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>Whether every character passes as it is and takes one byte: the fast path of nearly all keys.</summary>
    public static bool IsPlain(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(PlainAscii);

    /// <summary>Whether the character at a place is refused; if not, how many characters its code point takes.</summary>
    public static bool IsRefused(ReadOnlySpan<char> text, int index, out int length)
    {
        var c = text[index];
        length = 1;
        if (char.IsSurrogate(c))
        {
            length = 2;
            return !char.IsHighSurrogate(c) || index + 1 == text.Length || !char.IsLowSurrogate(text[index + 1]);
        }

        return char.IsControl(c) || c is '\u2028' or '\u2029';
    }

    /// <summary>Checks a tag: MP1101 if empty or over <see cref="ScopeBytesMax"/>, MP1102 for a refused character.</summary>
    public static void CheckTag(string tag, string? keyspace = null) => CheckScope("tag", tag, keyspace);

    /// <summary>Checks a tenant as <see cref="CheckTag"/> checks a tag.</summary>
    public static void CheckTenant(string tenant, string? keyspace = null) => CheckScope("tenant", tenant, keyspace);

    /// <summary>What is wrong with a keyspace's name, as a sentence for the list of a configuration's faults; null if nothing.</summary>
    public static string? FaultOfKeyspaceName(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return "A keyspace has no name. Give it one of 1 to 64 characters from a-z, 0-9, '-', '_' and '.'.";
        }

        if (name.Length > KeyspaceNameLengthMax)
        {
            return $"The name of keyspace '{name[..16]}...' has {name.Length} characters, over the limit of {KeyspaceNameLengthMax}. Shorten it.";
        }

        var index = name.AsSpan().IndexOfAnyExcept(KeyspaceNameCharacters);
        return index < 0
            ? null
            : $"The name of a keyspace has {KeyErrors.CodePoint(name, index)} at position {index}. Use a-z, 0-9, '-', '_' and '.' only.";
    }

    private static void CheckScope(string kind, string text, string? keyspace)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
        {
            throw KeyErrors.Empty(kind, keyspace);
        }

        if (!IsPlain(text))
        {
            for (var i = 0; i < text.Length;)
            {
                if (IsRefused(text, i, out var length))
                {
                    throw KeyErrors.Refused(kind, text, i, keyspace);
                }

                i += length;
            }
        }

        var bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes > ScopeBytesMax)
        {
            throw KeyErrors.TooLong(kind, bytes, ScopeBytesMax, nameof(ScopeBytesMax), keyspace);
        }
    }
}
