using System.Text.RegularExpressions;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Docs;

/// <summary>A fenced block: what language it says it is, the line of its first text (from 1), and the HTML comment right above it, if any.</summary>
internal sealed record Fence(SourceFile File, string Language, int Line, string Text, string Comment);

/// <summary>A Markdown file taken apart into prose and fenced blocks.</summary>
internal sealed class Page
{
    private static readonly Regex Mark = new("^ {0,3}(?<fence>`{3,}|~{3,}) *(?<language>[^ `]*)");
    private static readonly Regex Comment = new("^<!-- *(?<text>.*?) *-->$");

    public Page(SourceFile file)
    {
        File = file;
        var (above, start, language, fence, body) = ("", 0, "", "", new List<string>());
        for (var i = 0; i < file.Lines.Length; i++)
        {
            var line = file.Lines[i].TrimEnd('\r');
            var mark = Mark.Match(line);
            if (fence.Length == 0 && mark.Success)
            {
                (fence, language, start) = (mark.Groups["fence"].Value, mark.Groups["language"].Value, i + 2);
            }
            else if (fence.Length > 0 && line.Trim().StartsWith(fence, StringComparison.Ordinal) && line.Trim(' ', fence[0]).Length == 0)
            {
                Fences.Add(new Fence(file, language, start, string.Join('\n', body), above));
                (fence, above, body) = ("", "", []);
            }
            else if (fence.Length > 0)
            {
                body.Add(line);
            }
            else
            {
                Prose.Add((i + 1, line));
                above = Comment.Match(line) is { Success: true } comment ? comment.Groups["text"].Value : line.Length == 0 ? above : "";
            }
        }
    }

    public SourceFile File { get; }

    public List<(int Line, string Text)> Prose { get; } = [];

    public List<Fence> Fences { get; } = [];

    /// <summary>The anchors that links may name, made from headings the way the usual hosts make them.</summary>
    public IEnumerable<string> Anchors =>
        from line in Prose
        where Regex.IsMatch(line.Text, "^#{1,6} ")
        select Regex.Replace(line.Text.TrimStart('#').Trim().ToLowerInvariant(), @"[^\w\- ]", "").Replace(' ', '-');
}
