using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Code;

/// <summary>Words that say nothing: in a type's name they hide what it is, as a whole method's name they hide what is done to what.</summary>
internal static class Names
{
    private static readonly string[] EmptyInTypes = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Info", "Impl"];
    private static readonly string[] EmptyAlone = ["Maybe", "Do", "Process", "Handle"];

    public static IEnumerable<Finding> Check(SourceFile file)
    {
        foreach (var node in file.Syntax.DescendantNodes())
        {
            if (node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
            {
                var name = node is BaseTypeDeclarationSyntax type ? type.Identifier : ((DelegateDeclarationSyntax)node).Identifier;
                foreach (var word in Words(name.Text).Intersect(EmptyInTypes))
                {
                    yield return file.At(name, $"'{name.Text}': '{word}' says nothing. Name the thing by what it is in docs/glossary.md.");
                }
            }

            var called = node switch
            {
                MethodDeclarationSyntax method => method.Identifier,
                LocalFunctionStatementSyntax local => local.Identifier,
                _ => default,
            };
            if (called.Text is { Length: > 0 } && EmptyAlone.Contains(Regex.Replace(called.Text, "Async$", "")))
            {
                yield return file.At(called, $"'{called.Text}' has no object: say what is handled or processed, and how.");
            }
        }
    }

    private static IEnumerable<string> Words(string name) => Regex.Matches(name, "[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])").Select(m => m.Value);
}
