using Millpond.Serialization;

namespace Millpond.Keys;

/// <summary>The errors of keys. None of them holds a key: it may name a customer, or be an attacker's.</summary>
internal static class KeyErrors
{
    public static MillpondException Empty(string kind, string? keyspace) =>
        new(ErrorCode.KeyLength, $"a {kind}{Of(keyspace)} is empty. Give it at least one character; if 'none' is meant, do not ask the cache.")
        {
            Keyspace = keyspace,
        };

    public static MillpondException TooLong(string kind, long bytes, int bytesMax, string limit, string? keyspace) =>
        new(ErrorCode.KeyLength,
            $"a {kind}{Of(keyspace)} takes {bytes} bytes of UTF-8, escapes included, over the {limit} of {bytesMax}. "
            + (limit == "KeyBytesMax" ? "Use a shorter key (a hash of the long part), or raise KeyBytesMax for this keyspace." : $"Use a shorter {kind}."))
        {
            Keyspace = keyspace,
        };

    public static MillpondException Refused(string kind, ReadOnlySpan<char> text, int index, string? keyspace) =>
        new(ErrorCode.KeyCharacters,
            $"a {kind}{Of(keyspace)} has {CodePoint(text, index)} at position {index}. Control characters, line separators and lone surrogates are "
            + $"refused, because engines, logs and terminals read them as something else. Remove it, or encode the {kind} before it comes here.")
        {
            Keyspace = keyspace,
        };

    public static MillpondException NoText(Type type, string why, string? keyspace) =>
        new(ErrorCode.KeyType,
            $"the key type {CodecId.NameOf(type)}{Of(keyspace)} has no text form: {why}. Use a string, an integer, a Guid, an enum, a DateOnly, or a "
            + "record struct or tuple of those; or declare the text with .KeyText(key => ..., text => ...), different for different keys.")
        {
            Keyspace = keyspace,
        };

    public static string CodePoint(ReadOnlySpan<char> text, int index) => $"U+{(int)text[index]:X4}";

    private static string Of(string? keyspace) => keyspace is null ? "" : $" of keyspace '{keyspace}'";
}
