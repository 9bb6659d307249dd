using System.Diagnostics.CodeAnalysis;

namespace Millpond.Keys;

/// <summary>
/// The one way from a key to its text, and back. A keyspace either gives a tenant with every key or with none, so a text with a tenant never meets
/// one without.
/// </summary>
internal sealed class KeyText<TKey>
    where TKey : notnull
{
    private readonly KeyPart<TKey> _part;
    private readonly int _keyBytesMax;
    private readonly string? _keyspace;

    private KeyText(KeyPart<TKey> part, int keyBytesMax, string? keyspace)
    {
        CheckLimit(keyBytesMax);
        _part = part;
        _keyBytesMax = keyBytesMax;
        _keyspace = keyspace;
    }

    /// <summary>For a type that has a text form by itself; MP1103 for others.</summary>
    public static KeyText<TKey> Create(string? keyspace = null, int keyBytesMax = KeyRules.DefaultKeyBytesMax) =>
        new(KeyParts.Of<TKey>(keyspace), keyBytesMax, keyspace);

    /// <summary>For any type, by the application's functions. The text is checked and escaped as a string key is.</summary>
    /// <param name="text">A key's text, different for different keys.</param>
    /// <param name="read">The key of a text. It also gets texts that are no key's: it may throw, or return any key, as that is written again
    /// and compared.</param>
    /// <param name="keyspace">Whose keys they are, for errors.</param>
    /// <param name="keyBytesMax">The limit of a text in UTF-8, where a call gives none.</param>
    public static KeyText<TKey> Create(
        Func<TKey, string> text, Func<string, TKey> read, string? keyspace = null, int keyBytesMax = KeyRules.DefaultKeyBytesMax)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(read);
        return new(new DeclaredPart(text, read), keyBytesMax, keyspace);
    }

    /// <summary>Checks a key without allocating: MP1101 for its length, MP1102 for its characters.</summary>
    public void Check(TKey key, string? tenant = null)
    {
        var text = new KeyTextBuilder(stackalloc char[KeyTextBuilder.StackChars], _keyBytesMax, _keyspace);
        try
        {
            Append(key, tenant, ref text);
            text.Check();
        }
        finally
        {
            text.Dispose();
        }
    }

    /// <summary>The key's text, <c>key</c> or <c>tenant:key</c>, checked and escaped: different for different keys and tenants.</summary>
    public string Text(TKey key, string? tenant = null) => Text(key, tenant, _keyBytesMax);

    /// <summary>As <see cref="Text(TKey, string?)"/>, by a limit that may change from call to call.</summary>
    /// <param name="key">The key.</param>
    /// <param name="tenant">Its tenant; null in a keyspace without tenants.</param>
    /// <param name="keyBytesMax">The limit of the text in UTF-8, 1 to <see cref="KeyRules.KeyBytesMaxMax"/>.</param>
    public string Text(TKey key, string? tenant, int keyBytesMax)
    {
        CheckLimit(keyBytesMax);
        var text = new KeyTextBuilder(stackalloc char[KeyTextBuilder.StackChars], keyBytesMax, _keyspace);
        try
        {
            Append(key, tenant, ref text);
            return text.ToText();
        }
        finally
        {
            text.Dispose();
        }
    }

    /// <summary>
    /// The key of a text, in a keyspace without tenants. Reads what <see cref="Text(TKey, string?)"/> writes and nothing else, throws
    /// nothing whatever the text, and heeds no limit but <see cref="KeyRules.KeyBytesMaxMax"/>: the writer's may differ from this process's.
    /// </summary>
    /// <returns>False if this is no key's text.</returns>
    public bool TryRead(string text, [MaybeNullWhen(false)] out TKey key) => TryReadKey(text, ReaderOf(text), null, out key);

    /// <summary>As <see cref="TryRead(string, out TKey)"/>, in a keyspace with tenants.</summary>
    public bool TryRead(string text, [MaybeNullWhen(false)] out string tenant, [MaybeNullWhen(false)] out TKey key)
    {
        key = default;
        var reader = ReaderOf(text);
        if (reader.TryReadTenant(out tenant) && TryReadKey(text, reader, tenant, out key))
        {
            return true;
        }

        tenant = null;
        return false;
    }

    /// <summary>Nothing to read if the text is longer than any key's, so that a hostile one of a gigabyte is not copied.</summary>
    private static KeyTextReader ReaderOf(string text) => text?.Length <= KeyRules.KeyBytesMaxMax ? new(text) : default;

    private bool TryReadKey(string text, KeyTextReader reader, string? tenant, [MaybeNullWhen(false)] out TKey key)
    {
        try
        {
            if (!reader.AtEnd
                && _part.TryRead(ref reader, out key)
                && key is not null
                && IsTextOf(key, tenant, text))
            {
                return true;
            }
        }
        catch (Exception)
        {
            // The application's functions, constructors and properties run here, on texts they were not made for: what they refuse is no key.
        }

        key = default;
        return false;
    }

    /// <summary>One comparison for all types, instead of a strict parser for each: "007", "+7" and "7:rest" are read, and fail here.</summary>
    private bool IsTextOf(TKey key, string? tenant, string expected)
    {
        var text = new KeyTextBuilder(stackalloc char[KeyTextBuilder.StackChars], KeyRules.KeyBytesMaxMax, _keyspace);
        try
        {
            Append(key, tenant, ref text);
            return text.Is(expected);
        }
        finally
        {
            text.Dispose();
        }
    }

    private static void CheckLimit(int keyBytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keyBytesMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keyBytesMax, KeyRules.KeyBytesMaxMax);
    }

    private void Append(TKey key, string? tenant, ref KeyTextBuilder text)
    {
        if (!typeof(TKey).IsValueType) // A check for null may box a struct, until the method is optimized.
        {
            ArgumentNullException.ThrowIfNull(key);
        }

        if (tenant is not null)
        {
            KeyRules.CheckTenant(tenant, _keyspace);
            text.AppendOutside(tenant, "tenant");
            text.AppendSeparator();
            text.BeginKey();
        }

        _part.Append(key, ref text);
    }

    private sealed class DeclaredPart(Func<TKey, string> declared, Func<string, TKey> read) : KeyPart<TKey>
    {
        public override void Append(TKey key, ref KeyTextBuilder text) => text.AppendOutside(declared(key));

        public override bool TryRead(ref KeyTextReader text, [MaybeNullWhen(false)] out TKey key)
        {
            var isText = text.TryReadOutside(out var unescaped);
            key = isText ? read(unescaped!) : default;
            return isText;
        }
    }
}
