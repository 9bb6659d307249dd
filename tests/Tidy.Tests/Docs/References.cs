using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Docs;

/// <summary>What the documents point at must be there: paths and commands in backticks, relative links and their anchors, words of the glossary.</summary>
internal static class References
{
    private static readonly Regex Quoted = new("`(?<text>[^`]+)`");
    private static readonly Regex OurPath = new(@"^(?:\./)?(?:src|tests|docs|eng|sim|samples|bench|benchmarks|deploy|dashboard|\.ci)/[\w./-]*$");
    private static readonly Regex Command = new(@"^\./(?<name>[\w./-]+)");
    private static readonly Regex Link = new(@"\]\((?<target>[^)\s]+)(?: ""[^""]*"")?\)");
    private static readonly Regex Identifier = new(@"^[A-Z]\w*[a-z]\w*(?:<[\w, ]*>)?$");

    private static readonly Regex Called = new(@"^[\w.]+(?:<[\w, ]*>)?(?:\(\w*\))?$");
    private static readonly Regex TwoHumps = new("^[A-Z][a-z0-9]*[A-Z]\\w*[a-z]\\w*$");

    public static IEnumerable<Finding> Paths(Page page, Func<string, bool> exists)
    {
        var quoted = from line in page.Prose from Match m in Quoted.Matches(line.Text) select (line.Line, Text: m.Groups["text"].Value);
        var typed = from fence in page.Fences from line in fence.Text.Split('\n').Select((text, i) => (fence.Line + i, text)) where Command.IsMatch(line.text) select line;
        foreach (var (line, text) in quoted.Concat(typed))
        {
            var path = OurPath.IsMatch(text) ? text : Command.Match(text) is { Success: true } command ? command.Groups["name"].Value : null;
            if (path is not null && !exists(path.TrimEnd('/', '.')))
            {
                yield return page.File.At(line, $"'{path}' does not exist in the repository.");
            }
        }
    }

    public static IEnumerable<Finding> Links(Page page, Func<string, bool> exists, Func<string, Page?> open)
    {
        foreach (var (line, text) in page.Prose)
        {
            foreach (var target in Link.Matches(Quoted.Replace(text, "")).Select(m => m.Groups["target"].Value).Where(t => !t.Contains(':', StringComparison.Ordinal)))
            {
                var parts = target.Split('#', 2);
                var path = parts[0].Length == 0 ? page.File.Path : Resolve(page.File.Path, parts[0]);
                if (!exists(path))
                {
                    yield return page.File.At(line, $"the link '{target}' leads to '{path}', which does not exist.");
                }
                else if (parts.Length == 2 && open(path) is { } other && !other.Anchors.Contains(parts[1]))
                {
                    yield return page.File.At(line, $"the link '{target}' names a heading that '{path}' does not have.");
                }
            }
        }
    }

    /// <summary>In the rows of a table, a quoted word that looks like a type or a member must be declared by the code.</summary>
    public static IEnumerable<Finding> Words(Page glossary, ISet<string> declared) =>
        from line in glossary.Prose
        where line.Text.StartsWith('|')
        from Match quoted in Quoted.Matches(line.Text)
        from part in quoted.Groups["text"].Value.Split('.')
        where Identifier.IsMatch(part) && !declared.Contains(Regex.Replace(part, "<.*", ""))
        select glossary.File.At(line.Line, $"'{part}' is declared nowhere below src/.");

    /// <summary>
    /// In prose, a quoted word with two humps (<c>ReadControlAsync</c>, <c>SourceGuard.Enter()</c>) is a name, and a name that no code of ours
    /// spells is one that has been renamed away.
    /// </summary>
    public static IEnumerable<Finding> Names(Page page, ISet<string> spelled) =>
        from line in page.Prose
        from Match quoted in Quoted.Matches(line.Text)
        let text = quoted.Groups["text"].Value
        where Called.IsMatch(text)
        from part in Regex.Replace(text, @"[(<].*", "").Split('.')
        where TwoHumps.IsMatch(part) && !spelled.Contains(part)
        select page.File.At(line.Line, $"'{part}' is spelled nowhere in the code. Renamed?");

    public static IEnumerable<string> Spelled(SourceFile file) =>
        file.Syntax.DescendantTokens().Where(t => t.IsKind(SyntaxKind.IdentifierToken)).Select(t => t.ValueText);

    public static IEnumerable<string> Declared(SourceFile file) => file.Syntax.DescendantNodes().Select(n => n switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        MethodDeclarationSyntax method => method.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        EnumMemberDeclarationSyntax member => member.Identifier.Text,
        DelegateDeclarationSyntax type => type.Identifier.Text,
        VariableDeclaratorSyntax field => field.Identifier.Text,
        ParameterSyntax parameter => parameter.Identifier.Text,
        NamespaceDeclarationSyntax or FileScopedNamespaceDeclarationSyntax => "Millpond",
        _ => "",
    });

    private static string Resolve(string from, string relative)
    {
        var parts = new Stack<string>(from.Split('/').SkipLast(1));
        foreach (var part in relative.Split('/').Where(p => p is not ("." or "")))
        {
            if (part != "..")
            {
                parts.Push(part);
            }
            else if (!parts.TryPop(out _))
            {
                return "(outside the repository)";
            }
        }

        return string.Join('/', parts.Reverse());
    }
}
