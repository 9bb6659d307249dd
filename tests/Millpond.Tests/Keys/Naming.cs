using Millpond.Keys;
using Xunit;

namespace Millpond.Tests.Keys;

/// <summary>Tags, tenants and the names of keyspaces.</summary>
public class Naming
{
    [Theory]
    [InlineData("category:5")]
    [InlineData("größe 7 {x}#%")]
    public void Tags_take_any_printable_text(string tag) => KeyRules.CheckTag(tag);

    [Fact]
    public void Tags_and_tenants_are_limited_in_bytes()
    {
        KeyRules.CheckTag(new string('a', KeyRules.ScopeBytesMax));
        KeyRules.CheckTenant(new string('ä', KeyRules.ScopeBytesMax / 2));

        Assert.Equal(ErrorCode.KeyLength, Code(() => KeyRules.CheckTag(new string('a', KeyRules.ScopeBytesMax + 1))));
        Assert.Equal(ErrorCode.KeyLength, Code(() => KeyRules.CheckTenant(new string('ä', (KeyRules.ScopeBytesMax / 2) + 1))));
        Assert.Equal(ErrorCode.KeyLength, Code(() => KeyRules.CheckTag("")));
        Assert.Equal(ErrorCode.KeyLength, Code(() => KeyRules.CheckTenant("")));
    }

    [Fact]
    public void Tags_and_tenants_take_no_control_characters()
    {
        foreach (var text in new[] { "a\nb", "a\u2029b", "\uDC00", "\0" })
        {
            Assert.Equal(ErrorCode.KeyCharacters, Code(() => KeyRules.CheckTag(text)));
            Assert.Equal(ErrorCode.KeyCharacters, Code(() => KeyRules.CheckTenant(text)));
        }

        var error = Assert.Throws<MillpondException>(() => KeyRules.CheckTag("secret\n", "product"));
        Assert.Contains("U+000A at position 6", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        Assert.Equal("product", error.Keyspace);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("product.by-id_2")]
    public void A_keyspace_has_a_name_of_small_letters_and_digits(string name) => Assert.Null(KeyRules.FaultOfKeyspaceName(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Product")]
    [InlineData("product:v3")]
    [InlineData("produkt größe")]
    [InlineData("a2345678901234567890123456789012345678901234567890123456789012345")]
    public void Other_names_are_a_fault_of_the_configuration(string? name) => Assert.NotNull(KeyRules.FaultOfKeyspaceName(name));

    private static ErrorCode Code(Action action) => Assert.Throws<MillpondException>(action).Code;
}
