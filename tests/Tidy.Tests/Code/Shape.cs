using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Code;

/// <summary>A type is in one place and is read from top to bottom: no partial types, except where a generator writes the other half; no regions.</summary>
internal static class Shape
{
    public const string List = "eng/tidy/partial.txt";

    public static IEnumerable<Finding> Partials(SourceFile file, IReadOnlyCollection<string> generators)
    {
        foreach (var type in file.Syntax.DescendantNodes().OfType<TypeDeclarationSyntax>())
        {
            if (type.Modifiers.Any(SyntaxKind.PartialKeyword) && !IsForGenerator(type, generators))
            {
                yield return file.At(type, $"'{type.Identifier.Text}' is partial without need. Only a source generator named in {List} may need that.");
            }
        }
    }

    public static IEnumerable<Finding> Regions(SourceFile file) =>
        from trivia in file.Syntax.DescendantTrivia(descendIntoTrivia: true)
        where trivia.IsKind(SyntaxKind.RegionDirectiveTrivia)
        select file.At(trivia.GetLocation().GetLineSpan().StartLinePosition.Line + 1, "A region hides code; make it a type or a file.");

    // A generator is asked for by a base type, or by an attribute on the type or on something in it.
    private static bool IsForGenerator(TypeDeclarationSyntax type, IReadOnlyCollection<string> generators) =>
        type.DescendantNodes().OfType<AttributeSyntax>().Select(a => a.Name.ToString())
            .Concat(type.DescendantNodesAndSelf().OfType<BaseListSyntax>().SelectMany(b => b.Types).Select(t => t.Type.ToString()))
            .Any(generators.Contains);
}
