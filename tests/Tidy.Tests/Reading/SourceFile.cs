using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Tidy.Tests.Reading;

/// <summary>A text file of the repository; its path is relative to the root, with forward slashes.</summary>
internal sealed class SourceFile(string path, string text)
{
    private readonly Lazy<SyntaxNode> _syntax = new(() => CSharpSyntaxTree.ParseText(text, path: path).GetRoot());

    public string Path => path;

    public string Text => text;

    public string[] Lines { get; } = text.TrimEnd('\n').Split('\n');

    public SyntaxNode Syntax => _syntax.Value;

    public bool IsCSharp => path.EndsWith(".cs", StringComparison.Ordinal);

    public bool IsMarkdown => path.EndsWith(".md", StringComparison.Ordinal);

    /// <summary>True below any of the folders named.</summary>
    public bool In(params ReadOnlySpan<string> folders)
    {
        foreach (var folder in folders)
        {
            if (path.StartsWith(folder + "/", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    public Finding At(SyntaxNode node, string message) => At(node.GetFirstToken(), message);

    public Finding At(SyntaxToken token, string message) => new(path, token.GetLocation().GetLineSpan().StartLinePosition.Line + 1, message);

    public Finding At(int line, string message) => new(path, line, message);
}
