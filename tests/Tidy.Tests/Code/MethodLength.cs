using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Code;

/// <summary>A method is at most 70 lines from its name to its closing brace. There is no list of exceptions.</summary>
internal static class MethodLength
{
    public const int LinesMax = 70;

    public static IEnumerable<Finding> Check(SourceFile file)
    {
        var bodies = file.Syntax.DescendantNodes().Where(n => n is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax);
        foreach (var body in bodies)
        {
            if (Lines(body) is var lines and > LinesMax)
            {
                yield return file.At(body, $"{Name(body)} has {lines} lines; {LinesMax} is the end. Split it where its steps have names.");
            }
        }

        var statements = file.Syntax.ChildNodes().OfType<GlobalStatementSyntax>().Where(g => g.Statement is not LocalFunctionStatementSyntax).Sum(Lines);
        if (statements > LinesMax)
        {
            yield return file.At(1, $"The top-level statements have {statements} lines; {LinesMax} is the end.");
        }
    }

    private static int Lines(SyntaxNode node)
    {
        var span = node.SyntaxTree.GetLineSpan(node.Span);
        var attributes = node.ChildNodes().OfType<AttributeListSyntax>().Count();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1 - attributes;
    }

    private static string Name(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        LocalFunctionStatementSyntax local => local.Identifier.Text,
        AccessorDeclarationSyntax accessor => accessor.Keyword.Text,
        _ => "A member",
    };
}
