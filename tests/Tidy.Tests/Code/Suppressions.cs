using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Code;

/// <summary>A rule switched off says why on the same line; the ban on real time, chance and scheduling is lifted in the seams only.</summary>
internal static class Suppressions
{
    public const string Seam = "src/Millpond/Runtime/Surroundings.cs";

    // The client is a package in its own right, so it has a seam of its own.
    private const string ClientSeam = "src/Millpond.Resp/Runtime/RespSurroundings.cs";
    private const string Ban = "RS0030";

    public static IEnumerable<Finding> Check(SourceFile file) => Pragmas(file).Concat(
        from attribute in file.Syntax.DescendantNodes().OfType<AttributeSyntax>()
        where attribute.Name.ToString().EndsWith("SuppressMessage", StringComparison.Ordinal)
            && !attribute.ToString().Contains("Justification = \"", StringComparison.Ordinal)
        select file.At(attribute, "a suppression needs its Justification."));

    /// <summary>An entry that names nothing bans nothing, and the analyzer does not say so.</summary>
    public static IEnumerable<Finding> Bans(SourceFile list, Compilation platform) =>
        from line in list.Lines.Select((text, i) => (Text: text, Number: i + 1))
        where line.Text.Length > 0
        let parts = line.Text.Split(';', 2)
        let fault = DocumentationCommentId.GetFirstSymbolForDeclarationId(parts[0], platform) is null ? $"'{parts[0]}' names nothing, so nothing is banned."
            : parts.Length < 2 ? $"'{parts[0]}' does not say what to use instead." : null
        where fault is not null
        select list.At(line.Number, fault);

    private static IEnumerable<Finding> Pragmas(SourceFile file)
    {
        foreach (var pragma in file.Syntax.DescendantTrivia().Select(t => t.GetStructure()).OfType<PragmaWarningDirectiveTriviaSyntax>())
        {
            var line = pragma.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
            if (pragma.DisableOrRestoreKeyword.IsKind(SyntaxKind.DisableKeyword) && !pragma.ToFullString().Contains("// ", StringComparison.Ordinal))
            {
                yield return file.At(line, "a disabled warning needs its reason on the same line: // why");
            }

            if (file.In("src") && file.Path is not (Seam or ClientSeam) && pragma.ErrorCodes.Any(c => c.ToString() == Ban))
            {
                yield return file.At(line, $"only {Seam} and {ClientSeam} may use what is banned; everything else asks it.");
            }
        }
    }
}
