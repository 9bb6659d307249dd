using Millpond.Keys;
using Millpond.Tests.Rig;
using Xunit;

namespace Millpond.Tests.Keys;

public class KeyTextReading
{
    private static readonly Func<Order, string> OrderText = order => $"o#{order.Id}";

    public readonly record struct Even(int Number)
    {
        public int Number { get; } = Number % 2 == 0 ? Number : throw new ArgumentOutOfRangeException(nameof(Number));
    }

    public readonly record struct Lower(string Name)
    {
        public string Name { get; } = Name.ToLowerInvariant();
    }

    public readonly record struct Turned(int First, int Second)
    {
        public void Deconstruct(out int Second, out int First) => (Second, First) = (this.Second, this.First);
    }

    public sealed record Order(int Id);

    [Theory]
    [InlineData("007")]
    [InlineData("+7")]
    [InlineData(" 7")]
    [InlineData("7 ")]
    [InlineData("-0")]
    [InlineData("7:")]
    [InlineData("%37")]
    [InlineData("\u0667")]
    [InlineData("2147483648")]
    [InlineData("7\0")]
    [InlineData("%00")]
    [InlineData("")]
    public void An_integer_is_read_in_its_one_form_only(string text)
    {
        Assert.False(KeyText<int>.Create().TryRead(text, out var key), text);
        Assert.Equal(0, key);
    }

    [Theory]
    [InlineData("a:b")]
    [InlineData("a%3ab")]
    [InlineData("a%41")]
    [InlineData("%")]
    [InlineData("%3")]
    [InlineData("%00")]
    [InlineData("a%00")]
    [InlineData("a b")]
    [InlineData("{a}")]
    [InlineData("a\0b")]
    [InlineData("")]
    public void A_string_is_read_with_the_escapes_that_are_written_only(string text)
    {
        Assert.False(KeyText<string>.Create().TryRead(text, out var key), text);
        Assert.Null(key);
    }

    [Fact]
    public void Lone_surrogates_are_no_key() =>
        Assert.All(["\uD800", "a\uDC00", "\uD800x", "\uD800%3A"], text => Assert.False(KeyText<string>.Create().TryRead(text, out _)));

    [Fact]
    public void Other_forms_of_a_guid_a_date_or_a_boolean_are_no_key()
    {
        Assert.False(KeyText<Guid>.Create().TryRead("00000000000000000000000000000001", out _));
        Assert.False(KeyText<Guid>.Create().TryRead("00000000-0000-0000-0000-00000000000A", out _));
        Assert.False(KeyText<DateOnly>.Create().TryRead("02/28/2026", out _));
        Assert.False(KeyText<bool>.Create().TryRead("True", out _));
        Assert.False(KeyText<char>.Create().TryRead("ab", out _));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1:2:3")]
    [InlineData("1:")]
    [InlineData(":1")]
    [InlineData("1::2")]
    public void A_composite_is_read_with_all_its_parts_and_no_more(string text) =>
        Assert.False(KeyText<(int, int)>.Create().TryRead(text, out _), text);

    [Theory]
    [InlineData("7")]
    [InlineData(":7")]
    [InlineData("acme:")]
    [InlineData("%00:7")]
    [InlineData("acme:7:7")]
    [InlineData("ac me:7")]
    public void A_tenant_and_a_key_are_both_read_or_neither(string text)
    {
        Assert.False(KeyText<int>.Create().TryRead(text, out var tenant, out var key), text);
        Assert.Null(tenant);
        Assert.Equal(0, key);
    }

    [Fact]
    public void A_tenant_over_its_limit_and_a_text_over_every_limit_are_no_key()
    {
        var longest = new string('t', KeyRules.ScopeBytesMax);
        Assert.True(KeyText<int>.Create().TryRead(longest + ":7", out var tenant, out _));
        Assert.Equal(longest, tenant);
        Assert.False(KeyText<int>.Create().TryRead(longest + "t:7", out _, out _));

        Assert.True(KeyText<string>.Create().TryRead(new string('a', KeyRules.KeyBytesMaxMax), out _));
        Assert.False(KeyText<string>.Create().TryRead(new string('a', KeyRules.KeyBytesMaxMax + 1), out _));
        Assert.False(KeyText<string>.Create().TryRead(new string('ä', (KeyRules.KeyBytesMaxMax / 2) + 1), out _));
    }

    [Fact]
    public void What_a_constructor_refuses_or_changes_is_no_key()
    {
        Assert.True(KeyText<Even>.Create().TryRead("4", out var even));
        Assert.Equal(4, even.Number);
        Assert.False(KeyText<Even>.Create().TryRead("5", out _));
        Assert.True(KeyText<Lower>.Create().TryRead("abc", out _));
        Assert.False(KeyText<Lower>.Create().TryRead("ABC", out _));
    }

    [Fact]
    public void A_record_struct_that_its_parts_cannot_construct_is_refused()
    {
        var error = Assert.Throws<MillpondException>(() => KeyText<Turned>.Create());

        Assert.Equal(ErrorCode.KeyType, error.Code);
        Assert.Contains("no public constructor", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_declared_text_is_read_by_its_own_function_and_compared()
    {
        var text = KeyText<Order>.Create(OrderText, read => new Order(int.Parse(read[2..])));

        Assert.True(text.TryRead("o%237", out var order));
        Assert.Equal(new Order(7), order);
        Assert.False(text.TryRead("o%23x", out _));
        Assert.False(text.TryRead("o", out _));
        Assert.False(text.TryRead("p%237", out _));
        Assert.False(text.TryRead("o%23007", out _));
        Assert.False(KeyText<Order>.Create(OrderText, _ => null!).TryRead("o%237", out _));
    }

    [Fact]
    public void Reading_a_composite_allocates_its_strings_only()
    {
        var text = KeyText<(int, Guid, DateOnly, long?)>.Create();
        var written = text.Text((1, new Guid("00000000000000000000000000000001"), new DateOnly(2026, 2, 28), null));

        Assert.Equal(0, Allocation.LeastOf(() => text.TryRead(written, out _)));
    }

    [Fact]
    public void A_limit_given_with_the_call_takes_the_place_of_the_keyspaces()
    {
        var text = KeyText<string>.Create("product");

        Assert.Equal(ErrorCode.KeyLength, Assert.Throws<MillpondException>(() => text.Text("abcd", "t", 5)).Code);
        Assert.Equal("t:abc", text.Text("abc", "t", 5));
        Assert.Equal(1000, text.Text(new string('a', 1000), null, 1000).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => text.Text("a", null, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => text.Text("a", null, KeyRules.KeyBytesMaxMax + 1));
    }
}
