using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Tidy.Tests.Api;
using Tidy.Tests.Docs;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Snippets;

/// <summary>
/// A C# block of a document, compiled as a reader would who pastes it into Program.cs of a web project. What the page has set up before
/// it, and what the reader has of his own, comes from preludes: files under eng/snippets named in a comment above the fence,
/// <c>snippet: prelude=web,catalog</c>. A block that cannot compile says why: <c>snippet: ignore REASON</c>.
/// </summary>
internal sealed class Snippet(Fence fence, Func<string, SourceFile?> prelude)
{
    private const string Order = "snippet:";

    // What the web SDK imports by itself.
    private const string Imports = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Net.Http.Json; global using System.Threading; global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder; global using Microsoft.AspNetCore.Hosting; global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing; global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection; global using Microsoft.Extensions.Hosting; global using Microsoft.Extensions.Logging;
        """;

    // A prelude offers more than each snippet uses, and a snippet need not use what it shows.
    private static readonly string[] Harmless = ["CS0105", "CS0168", "CS0169", "CS0219", "CS0414", "CS0649", "CS1998", "CS8019", "CS8321"];

    public static IEnumerable<Fence> All(IEnumerable<SourceFile> markdown) =>
        markdown.SelectMany(f => new Page(f).Fences).Where(f => f.Language is "csharp" or "cs" or "c#" or "C#");

    public string? IgnoredBecause => Argument("ignore ");

    public string[] Preludes => Argument("prelude=")?.Split(',', StringSplitOptions.TrimEntries) ?? [];

    public IEnumerable<Finding> Faults()
    {
        if (fence.Comment.StartsWith(Order, StringComparison.Ordinal) && IgnoredBecause is null && Preludes.Length == 0)
        {
            return [fence.File.At(fence.Line - 2, $"'{fence.Comment}' is not understood: 'snippet: prelude=NAMES' or 'snippet: ignore REASON'.")];
        }

        var missing = Preludes.Where(p => prelude(p) is null).ToArray();
        return IgnoredBecause is not null ? []
            : missing.Length > 0 ? missing.Select(p => fence.File.At(fence.Line - 2, $"there is no prelude '{p}' in eng/snippets."))
            : Compile();
    }

    private IEnumerable<Finding> Compile()
    {
        var shown = new Part(fence.File.Path, fence.Line, fence.Text);
        Part[] hidden = [.. Preludes.Select(p => prelude(p)!).Select(f => new Part(f.Path, 1, f.Text))];
        var runs = shown.Statements.Any();
        var text = string.Concat(
            [.. hidden.Append(shown).SelectMany(p => p.Usings), .. runs ? hidden.SelectMany(p => p.Statements) : [], .. shown.Statements,
             .. shown.Types, .. hidden.SelectMany(p => p.Types)]);
        var options = new CSharpCompilationOptions(runs ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary,
            nullableContextOptions: NullableContextOptions.Enable);
        var compilation = CSharpCompilation.Create("Snippet", [CSharpSyntaxTree.ParseText(Imports), CSharpSyntaxTree.ParseText(text)], ShippedAssembly.Platform, options);
        return from diagnostic in compilation.GetDiagnostics()
               where diagnostic.Severity >= DiagnosticSeverity.Warning && !Harmless.Contains(diagnostic.Id)
               let at = diagnostic.Location.GetMappedLineSpan()
               select new Finding(at.Path, at.StartLinePosition.Line + 1, $"{diagnostic.Id}: {diagnostic.GetMessage()}");
    }

    private string? Argument(string name) =>
        fence.Comment.StartsWith(Order, StringComparison.Ordinal) && fence.Comment[Order.Length..].Trim() is var order
        && order.StartsWith(name, StringComparison.Ordinal) && order[name.Length..].Trim() is { Length: > 0 } argument ? argument : null;

    /// <summary>A text taken apart, so that the parts of several texts make one program in the order C# demands; each keeps its place of origin.</summary>
    private sealed class Part(string path, int firstLine, string text)
    {
        private readonly CompilationUnitSyntax _unit = CSharpSyntaxTree.ParseText(text).GetCompilationUnitRoot();

        public IEnumerable<string> Usings => _unit.Usings.Select(Placed);

        public IEnumerable<string> Statements => _unit.Members.Where(m => m is GlobalStatementSyntax).Select(Placed);

        public IEnumerable<string> Types => _unit.Members.Where(m => m is not GlobalStatementSyntax).Select(Placed);

        private string Placed(SyntaxNode node)
        {
            var line = firstLine + node.SyntaxTree.GetLineSpan(node.FullSpan).StartLinePosition.Line;
            return $"\n#line {line} \"{path}\"\n{node.ToFullString()}\n";
        }
    }
}
