using Microsoft.CodeAnalysis.CSharp;
using Tidy.Tests.Api;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Code;

/// <summary>Exceptions from the rules: each has a reason, and a ban bans something.</summary>
public class Exceptions
{
    private static readonly CSharpCompilation Platform = CSharpCompilation.Create("platform", references: ShippedAssembly.Platform);

    [Fact]
    public void Every_suppression_says_why() => Finding.None(Repository.CSharp.SelectMany(Suppressions.Check));

    [Theory]
    [InlineData("eng/BannedSymbols.txt")]
    [InlineData("eng/BannedSymbols.Core.txt")]
    public void Every_banned_symbol_exists_and_has_an_alternative(string path) => Finding.None(Suppressions.Bans(Repository.Find(path)!, Platform));

    [Theory]
    [InlineData("src/A.cs", "#pragma warning disable CA1000", 1)]
    [InlineData("src/A.cs", "#pragma warning disable CA1000 // because\n#pragma warning restore CA1000", 0)]
    [InlineData("src/A.cs", "#pragma warning disable RS0030 // because", 1)]
    [InlineData(Suppressions.Seam, "#pragma warning disable RS0030 // because", 0)]
    [InlineData("src/A.cs", "[SuppressMessage(\"a\", \"b\")] class A;", 1)]
    [InlineData("src/A.cs", "[SuppressMessage(\"a\", \"b\", Justification = \"c\")] class A;", 0)]
    public void A_suppression_without_reason_is_found(string path, string code, int count) =>
        Assert.Equal(count, Suppressions.Check(new SourceFile(path, code)).Count());

    [Theory]
    [InlineData("P:System.DateTime.Nwo;x", 1)]
    [InlineData("P:System.DateTime.Now", 1)]
    [InlineData("P:System.DateTime.Now;Use the clock", 0)]
    public void A_ban_on_nothing_is_found(string line, int count) =>
        Assert.Equal(count, Suppressions.Bans(new SourceFile("b.txt", line + "\n"), Platform).Count());
}
