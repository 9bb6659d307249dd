using Tidy.Tests.Reading;

namespace Tidy.Tests.Docs;

public class Documents
{
    private const string Glossary = "docs/glossary.md";

    private static IEnumerable<Page> Pages => Repository.Markdown.Select(f => new Page(f));

    private static IEnumerable<SourceFile> Sources => Repository.CSharp.Where(f => f.In("src"));

    [Fact]
    public void Paths_and_commands_they_quote_exist() => Finding.None(Pages.SelectMany(p => References.Paths(p, Repository.Exists)));

    [Fact]
    public void Links_lead_somewhere() => Finding.None(Pages.SelectMany(p => References.Links(p, Repository.Exists, Open)));

    [Fact]
    public void Words_of_the_glossary_are_words_of_the_code() => Finding.None(
        Pages.Where(p => p.File.Path == Glossary).SelectMany(p => References.Words(p, Sources.SelectMany(References.Declared).ToHashSet())));

    // Records and the changelog tell of what was; names in them may be gone.
    [Fact]
    public void Names_they_quote_are_spelled_in_the_code()
    {
        var spelled = Repository.CSharp.SelectMany(References.Spelled).ToHashSet();
        var told = Pages.Where(p => !p.File.In("docs/decisions") && p.File.Path != "CHANGELOG.md");
        Finding.None(told.SelectMany(p => References.Names(p, spelled)));
    }

    [Fact]
    public void Every_error_code_has_its_section_and_every_section_its_code() =>
        Finding.None(ErrorCodes.Check(Sources, Repository.Find(ErrorCodes.Document)!));

    [Theory]
    [InlineData("see `src/Gone` and `./gone --now`", 2)]
    [InlineData("```\n./gone\n```", 1)]
    [InlineData("see `src/here`, `./here`, `src/*.cs`, `a/b` and src/Gone", 0)]
    public void A_dead_path_is_found(string text, int count) =>
        Assert.Equal(count, References.Paths(Read(text), p => p.EndsWith("here", StringComparison.Ordinal)).Count());

    [Theory]
    [InlineData("[a](gone.md)", 1)]
    [InlineData("[a](../../x.md)", 1)]
    [InlineData("[a](b.md#what-it-is) and [c](#here) and [w](https://example.com/x)\n# Here", 0)]
    [InlineData("[a](b.md#what-it-was)", 1)]
    public void A_dead_link_is_found(string text, int count)
    {
        var page = Read(text);
        Page? Opened(string path) => path == "docs/b.md" ? Read("## What `it` is?") : path == "docs/a.md" ? page : null;
        Assert.Equal(count, References.Links(page, p => Opened(p) is not null, Opened).Count());
    }

    [Fact]
    public void A_word_without_code_is_found()
    {
        var declared = References.Declared(new SourceFile("src/K.cs", "interface IKeyspace<K> { void Get(); }")).ToHashSet();
        Assert.Single(References.Words(Read("| `IKeyspace<K>` | `IKeyspace.Get`, `ttl`, `Lost` |\n\n`AlsoLost` in prose"), declared));
    }

    [Fact]
    public void A_name_that_is_gone_is_found()
    {
        var spelled = References.Spelled(new SourceFile("src/K.cs", "// OldName\nclass NewName { void ReadAsync() { } }")).ToHashSet();
        Assert.Equal(2, References.Names(Read("`OldName`, `NewName.ReadAsync()` and `NewName.GetAsync(key)`; `NoWarn=1`, OldName, `Single`"), spelled).Count());
    }

    [Fact]
    public void A_code_without_section_and_a_section_without_code_are_found()
    {
        var source = new SourceFile("src/E.cs", "// MP1001 MP1002");
        Assert.Empty(ErrorCodes.Check([source], new SourceFile("docs/errors.md", "## MP1001\n## MP1002: b")));
        Assert.Equal(2, ErrorCodes.Check([source], new SourceFile("docs/errors.md", "## MP1001\n## MP1003")).Count());
    }

    private static Page? Open(string path) => Repository.Find(path) is { IsMarkdown: true } file ? new Page(file) : null;

    private static Page Read(string text) => new(new SourceFile("docs/a.md", text));
}
