using Tidy.Tests.Api;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Graph;

public class Layout
{
    private static readonly Arrows Example = Arrows.Parse(new SourceFile("arrows.txt", "# note -> x\nA -> B, Microsoft.Extensions.*\nB ->\n"));

    [Fact]
    public void Projects_reference_only_what_the_arrows_allow()
    {
        var arrows = Arrows.Parse(Repository.Find(Arrows.List)!);
        var projects = Repository.Files.Where(f => f.Path.EndsWith(".csproj", StringComparison.Ordinal) && !f.In("tests"));
        Finding.None(projects.SelectMany(arrows.CheckProject));
    }

    [Fact]
    public void Shipped_assemblies_reference_only_what_the_arrows_allow()
    {
        var arrows = Arrows.Parse(Repository.Find(Arrows.List)!);
        Finding.None(ShippedAssembly.Names.SelectMany(n => arrows.CheckCompiled(n, Arrows.ReferencesOf(ShippedAssembly.DllPath(n)))));
    }

    [Fact]
    public void What_ships_keeps_its_documentation_warnings() => Finding.None(
        from file in Repository.Files
        where file.In("src") && file.Path.EndsWith(".csproj", StringComparison.Ordinal)
        where file.Text.Contains("NoWarn", StringComparison.Ordinal) || file.Text.Contains("GenerateDocumentationFile", StringComparison.Ordinal)
        select file.At(1, "A project may not switch warnings or documentation off for all its files; a rule is suppressed where it is broken, with a reason."));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Find("Millpond.slnx")!.Text;
        Finding.None(Repository.Files.Where(f => f.Path.EndsWith(".csproj", StringComparison.Ordinal) && !solution.Contains(f.Path, StringComparison.Ordinal))
            .Select(f => f.At(1, "is not in Millpond.slnx, so nothing builds or tests it.")));
    }

    [Theory]
    [InlineData("src/A/A.csproj", "<ProjectReference Include='../B/B.csproj' /><PackageReference Include='Microsoft.Extensions.Options' />", 0)]
    [InlineData("src/B/B.csproj", "<ProjectReference Include='../A/A.csproj' />", 1)]
    [InlineData("src/A/A.csproj", "<PackageReference Include='Dapper' />", 1)]
    [InlineData("samples/A/A.csproj", "<PackageReference Include='Dapper' />", 0)]
    [InlineData("src/C/C.csproj", "", 1)]
    public void A_forbidden_arrow_is_found(string path, string items, int count) =>
        Assert.Equal(count, Example.CheckProject(new SourceFile(path, $"<Project><ItemGroup>{items}</ItemGroup></Project>")).Count());

    [Fact]
    public void A_forbidden_compiled_reference_is_found() =>
        Assert.Single(Example.CheckCompiled("A", ["System.Runtime", "B", "Microsoft.Extensions.Options", "Dapper"]));
}
