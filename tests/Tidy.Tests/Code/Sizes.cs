using Tidy.Tests.Reading;

namespace Tidy.Tests.Code;

public class Sizes
{
    private static readonly SourceFile Long = new("src/Long.cs", string.Concat(Enumerable.Repeat("//\n", 251)));

    [Fact]
    public void Every_long_file_is_listed_with_a_ceiling_and_a_reason() =>
        Finding.None(FileLength.Check(Repository.Files, Listing.Read(FileLength.List, fields: 3)));

    [Fact]
    public void No_method_is_over_seventy_lines() => Finding.None(Repository.CSharp.SelectMany(MethodLength.Check));

    [Fact]
    public void A_long_file_is_found_unless_listed()
    {
        Assert.Single(FileLength.Check([Long], []));
        Assert.Empty(FileLength.Check([Long], [["src/Long.cs", "260", "a table"]]));
    }

    [Fact]
    public void A_listed_file_is_found_when_it_grows_shrinks_or_goes()
    {
        Assert.Single(FileLength.Check([Long], [["src/Long.cs", "250", "a table"]]));
        Assert.Single(FileLength.Check([new SourceFile("src/Long.cs", "//\n")], [["src/Long.cs", "260", "a table"]]));
        Assert.Single(FileLength.Check([], [["src/Long.cs", "260", "a table"]]));
    }

    [Theory]
    [InlineData("class C { void M() {BODY} }")]
    [InlineData("class C { public C() {BODY} }")]
    [InlineData("class C { int P { get {BODY} } }")]
    [InlineData("void Local() {BODY}")]
    [InlineData("f();BODYf();")]
    public void A_long_method_is_found(string shape)
    {
        SourceFile Shaped(int lines) => new("C.cs", shape.Replace("BODY", string.Concat(Enumerable.Repeat("\nf();", lines - 1)), StringComparison.Ordinal));
        Assert.Single(MethodLength.Check(Shaped(71)));
        Assert.Empty(MethodLength.Check(Shaped(69)));
    }

    [Fact]
    public void An_entry_without_a_reason_is_a_fault_of_the_list() =>
        Assert.Throws<FormatException>(() => Listing.Parse(new SourceFile("list.txt", "# note\n\na | 3 | why\nb | 4\n"), fields: 3));
}
