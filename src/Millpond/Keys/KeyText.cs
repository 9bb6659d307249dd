namespace Millpond.Keys;

/// <summary>How the keys of one keyspace become text on their way to the shared tier, and what they must keep to.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
internal interface IKeyText<in TKey>
{
    /// <summary>Checks a key without allocating: MP1101 for its length, MP1102 for its characters.</summary>
    /// <param name="key">The key.</param>
    /// <param name="tenant">Its tenant; null in a keyspace without tenants.</param>
    void Check(TKey key, string? tenant = null);

    /// <summary>The key's text, <c>key</c> or <c>tenant:key</c>, checked and escaped: different for different keys and tenants.</summary>
    /// <param name="key">The key.</param>
    /// <param name="tenant">Its tenant; null in a keyspace without tenants.</param>
    string Text(TKey key, string? tenant = null);
}

/// <summary>
/// The one way from a key to its text. A keyspace either gives a tenant with every key or with none, so a text with a tenant never meets
/// one without.
/// </summary>
internal sealed class KeyText<TKey> : IKeyText<TKey>
    where TKey : notnull
{
    private readonly KeyPart<TKey> _part;
    private readonly int _keyBytesMax;
    private readonly string? _keyspace;

    private KeyText(KeyPart<TKey> part, int keyBytesMax, string? keyspace)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(keyBytesMax);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keyBytesMax, KeyRules.KeyBytesMaxMax);
        _part = part;
        _keyBytesMax = keyBytesMax;
        _keyspace = keyspace;
    }

    /// <summary>For a type that has a text form by itself; MP1103 for others.</summary>
    public static KeyText<TKey> Create(string? keyspace = null, int keyBytesMax = KeyRules.DefaultKeyBytesMax) =>
        new(KeyParts.Of<TKey>(keyspace), keyBytesMax, keyspace);

    /// <summary>For any type, by the application's function, whose text is checked and escaped as a string key is.</summary>
    public static KeyText<TKey> Create(Func<TKey, string> text, string? keyspace = null, int keyBytesMax = KeyRules.DefaultKeyBytesMax) =>
        new(new DeclaredPart(text), keyBytesMax, keyspace);

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

    public string Text(TKey key, string? tenant = null)
    {
        var text = new KeyTextBuilder(stackalloc char[KeyTextBuilder.StackChars], _keyBytesMax, _keyspace);
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

    private sealed class DeclaredPart(Func<TKey, string> declared) : KeyPart<TKey>
    {
        public override void Append(TKey key, ref KeyTextBuilder text) => text.AppendOutside(declared(key));
    }
}
