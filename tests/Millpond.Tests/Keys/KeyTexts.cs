using Xunit;

using Millpond.Keys;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Keys;

public class KeyTexts
{
    private const string NoBreakSpaceLine = "a\u2028b";

    public enum Colour : byte
    {
        Red = 1,
        Green = 200,
    }

    public readonly record struct PageKey(string Category, int Page, Colour Colour, string? Cursor);

    public readonly record struct Nested(PageKey Page, (char, bool) Flags);

    public readonly record struct WithMore(int Id)
    {
        public int Other { get; init; }
    }

    public readonly record struct CaseBlind(string Name)
    {
        public bool Equals(CaseBlind other) => string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase);

        public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(Name);
    }

    public sealed record Order(int Id);

    [Fact]
    public void Simple_types_have_invariant_texts()
    {
        Assert.Equal("abc", KeyText<string>.Create().Text("abc"));
        Assert.Equal("-12", KeyText<int>.Create().Text(-12));
        Assert.Equal("18446744073709551615", KeyText<ulong>.Create().Text(ulong.MaxValue));
        Assert.Equal("-170141183460469231731687303715884105728", KeyText<Int128>.Create().Text(Int128.MinValue));
        Assert.Equal("00000000-0000-0000-0000-000000000001", KeyText<Guid>.Create().Text(new Guid("00000000000000000000000000000001")));
        Assert.Equal("2026-02-28", KeyText<DateOnly>.Create().Text(new DateOnly(2026, 2, 28)));
        Assert.Equal("200", KeyText<Colour>.Create().Text(Colour.Green));
        Assert.Equal("true", KeyText<bool>.Create().Text(true));
        Assert.Equal("%3A", KeyText<char>.Create().Text(':'));
    }

    [Fact]
    public void Record_structs_and_tuples_join_their_parts_in_order()
    {
        var page = new PageKey("toys", 2, Colour.Red, null);

        Assert.Equal("toys:2:1:%00", KeyText<PageKey>.Create().Text(page));
        Assert.Equal("toys:2:1:%00:x:false", KeyText<Nested>.Create().Text(new Nested(page, ('x', false))));
        Assert.Equal("1:2:3:4:5:6:7:8:9", KeyText<(int, int, int, int, int, int, int, int, int)>.Create().Text((1, 2, 3, 4, 5, 6, 7, 8, 9)));
        Assert.Equal("%00:7", KeyText<(int?, int?)>.Create().Text((null, 7)));
    }

    [Fact]
    public void Separators_inside_parts_are_escaped()
    {
        var text = KeyText<(string, string)>.Create();

        Assert.Equal("a%3Ab:c", text.Text(("a:b", "c")));
        Assert.Equal("a:b%3Ac", text.Text(("a", "b:c")));
        Assert.Equal("%25%7B%7D%23%20%3A", KeyText<string>.Create().Text("%{}# :"));
    }

    [Fact]
    public void A_tenant_cannot_be_left_through_its_key_or_its_name()
    {
        var text = KeyText<string>.Create();

        Assert.Equal("acme:a%3Ab", text.Text("a:b", "acme"));
        Assert.Equal("acme%3Aa:b", text.Text("b", "acme:a"));
        Assert.NotEqual(text.Text("b", "acme:a"), text.Text("a:b", "acme"));
    }

    [Fact]
    public void Letters_of_every_script_pass_as_they_are() =>
        Assert.Equal("größe-\u4E2D\u6587-\U0001F600", KeyText<string>.Create().Text("größe-\u4E2D\u6587-\U0001F600"));

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void An_empty_key_is_refused(string? declared)
    {
        var error = Assert.Throws<MillpondException>(() => KeyText<int>.Create(_ => declared!, _ => 1, "product").Text(1, "acme"));

        Assert.Equal(ErrorCode.KeyLength, error.Code);
        Assert.Equal("product", error.Keyspace);
    }

    [Theory]
    [InlineData("ab\0", "U+0000", 2)]
    [InlineData("\r\nGET secret", "U+000D", 0)]
    [InlineData("x\u007F", "U+007F", 1)]
    [InlineData("x\u0085", "U+0085", 1)]
    [InlineData(NoBreakSpaceLine, "U+2028", 1)]
    public void Control_characters_are_refused_with_their_position_and_without_the_key(string key, string codePoint, int position)
    {
        var error = Assert.Throws<MillpondException>(() => KeyText<string>.Create("product").Text(key));

        Assert.Equal(ErrorCode.KeyCharacters, error.Code);
        Assert.Contains(codePoint, error.Message, StringComparison.Ordinal);
        Assert.Contains($"position {position}", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Surrogates_without_a_partner_are_refused()
    {
        foreach (var key in new[] { "\uD800", "a\uDC00", "\uD800x", "\uDC00\uD800" })
        {
            Assert.Equal(ErrorCode.KeyCharacters, Assert.Throws<MillpondException>(() => KeyText<string>.Create().Text(key)).Code);
        }
    }

    [Fact]
    public void The_limit_counts_bytes_with_escapes_and_tenant()
    {
        var text = KeyText<string>.Create("product");

        Assert.Equal(250, text.Text(new string('a', 250)).Length);
        Assert.Equal(ErrorCode.KeyLength, Assert.Throws<MillpondException>(() => text.Text(new string('a', 251))).Code);
        Assert.Throws<MillpondException>(() => text.Text(new string('ä', 126)));
        Assert.Throws<MillpondException>(() => text.Text(new string(':', 84)));
        Assert.Throws<MillpondException>(() => text.Text(new string('a', 249), "t"));
        var error = Assert.Throws<MillpondException>(() => text.Text(new string('a', 1_000_000)));
        Assert.Contains("1000000 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("KeyBytesMax of 250", error.Message, StringComparison.Ordinal);
        Assert.Equal(3000, KeyText<string>.Create("product", 4096).Text(new string(':', 1000)).Length);
    }

    [Fact]
    public void A_type_without_a_text_of_its_own_is_refused_by_name_and_can_declare_one()
    {
        Assert.Equal("MP1103", Code(() => KeyText<Order>.Create("order")));
        Assert.Contains("Order", Message(() => KeyText<Order>.Create("order")), StringComparison.Ordinal);
        Assert.Contains(".KeyText(", Message(() => KeyText<Order>.Create("order")), StringComparison.Ordinal);
        Assert.Equal("MP1103", Code(() => KeyText<double>.Create()));
        Assert.Equal("MP1103", Code(() => KeyText<decimal>.Create()));
        Assert.Equal("MP1103", Code(() => KeyText<(int, DateTime)>.Create()));
        Assert.Equal("MP1103", Code(() => KeyText<ValueTuple>.Create()));
        Assert.Equal("MP1103", Code(() => KeyText<((int, int)?, int)>.Create()));

        Assert.Equal("o%237", KeyText<Order>.Create(o => $"o#{o.Id}", _ => new Order(7)).Text(new Order(7)));
    }

    [Fact]
    public void A_record_struct_with_state_or_equality_of_its_own_is_refused()
    {
        Assert.Contains("state besides", Message(() => KeyText<WithMore>.Create()), StringComparison.Ordinal);
        Assert.Contains("Equals of its own", Message(() => KeyText<CaseBlind>.Create()), StringComparison.Ordinal);
    }

    [Fact]
    public void Checking_allocates_nothing_and_a_text_only_itself()
    {
        var text = KeyText<PageKey>.Create();
        var page = new PageKey("toys and games", 2, Colour.Red, "c:1");
        text.Check(page, "acme");
        var length = text.Text(page, "acme").Length;

        Assert.Equal(0, Allocation.LeastOf(() => text.Check(page, "acme")));
        Assert.Equal((22 + (2 * length) + 7) & ~7, Allocation.LeastOf(() => text.Text(page, "acme")));
    }

    private static string Message(Action action) => Assert.Throws<MillpondException>(action).Message;

    private static string Code(Action action) => Message(action)[..6];
}
