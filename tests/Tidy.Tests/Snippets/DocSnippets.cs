using Tidy.Tests.Docs;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Snippets;

public class DocSnippets
{
    private const string Folder = "eng/snippets";

    // Ignoring is for what no compiler of ours can see, such as another library's API shown for comparison.
    private const int IgnoredMax = 5;

    private static Snippet[] All => [.. Snippet.All(Repository.Markdown).Select(f => new Snippet(f, Prelude))];

    [Fact]
    public void Every_snippet_compiles() => Finding.None(All.SelectMany(s => s.Faults()));

    [Fact]
    public void Few_snippets_are_ignored() => Assert.InRange(All.Count(s => s.IgnoredBecause is not null), 0, IgnoredMax);

    [Fact]
    public void Every_prelude_is_used() =>
        Assert.Empty(Repository.CSharp.Where(f => f.In(Folder)).Select(f => Path.GetFileNameWithoutExtension(f.Path)).Except(All.SelectMany(s => s.Preludes)));

    [Theory]
    [InlineData("int n = \"text\";")]
    [InlineData("await Missing();")]
    [InlineData("public class A { B b; }")]
    [InlineData("using Nowhere;\n\nConsole.WriteLine();")]
    [InlineData("string s = null;")]
    public void A_snippet_that_does_not_compile_is_found(string code) =>
        Assert.All(Found($"text\n\n```csharp\n// first\n{code}\n```"), f => Assert.Matches(@"^docs/a\.md:[567]: CS\d{4}: ", f.ToString()));

    [Theory]
    [InlineData("```csharp\nvar app = WebApplication.Create(args);\napp.MapGet(\"/\", () => new A(1));\n\nrecord A(int N);\n```")]
    [InlineData("```csharp\nusing System.Text;\npublic class A { public StringBuilder? B { get; set; } }\n```")]
    [InlineData("<!-- snippet: prelude=known -->\n```csharp\nConsole.WriteLine(known + new Known().Number);\n```")]
    [InlineData("<!-- snippet: prelude=known -->\n\n```csharp\nclass A : Known;\n```")]
    [InlineData("<!-- snippet: ignore another library -->\n```csharp\nint n = \"text\";\n```")]
    [InlineData("```json\n{ broken\n```")]
    public void A_sound_snippet_compiles(string markdown) => Assert.Empty(Faults(markdown));

    [Theory]
    [InlineData("<!-- snippet: prelude=unknown -->")]
    [InlineData("<!-- snippet: ignore -->")]
    [InlineData("<!-- snippet: perlude=known -->")]
    public void A_misspelt_order_is_found(string comment) => Assert.Single(Faults($"{comment}\n```csharp\n_ = 1;\n```"));

    [Fact]
    public void A_fault_of_a_prelude_is_shown_in_the_prelude() =>
        Assert.StartsWith("eng/snippets/faulty.cs:3: CS0029", Assert.Single(Faults("<!-- snippet: prelude=faulty -->\n```csharp\nConsole.WriteLine(bad);\n```")).ToString(), StringComparison.Ordinal);

    private static Finding[] Faults(string markdown) =>
        [.. Snippet.All([new SourceFile("docs/a.md", markdown)]).SelectMany(f => new Snippet(f, Sample).Faults())];

    // Assert.All passes on nothing at all; a self-test must not.
    private static Finding[] Found(string markdown)
    {
        var found = Faults(markdown);
        Assert.NotEmpty(found);
        return found;
    }

    private static SourceFile? Prelude(string name) => Repository.Find($"{Folder}/{name}.cs");

    private static SourceFile? Sample(string name) => name switch
    {
        "known" => new SourceFile("eng/snippets/known.cs", "using System.Text;\nvar known = 1;\nclass Known { public int Number => 2; }"),
        "faulty" => new SourceFile("eng/snippets/faulty.cs", "// a note\n\nint bad = \"text\";\n"),
        _ => null,
    };
}
