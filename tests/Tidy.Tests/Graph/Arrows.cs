using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Tidy.Tests.Reading;

namespace Tidy.Tests.Graph;

/// <summary>
/// Who may reference whom: eng/tidy/arrows.txt, one line for each project outside tests/. Project and package references are read from
/// the project files; for what ships the compiled references are read too, since a reference may arrive through another.
/// </summary>
internal sealed class Arrows(IReadOnlyDictionary<string, string[]> allowed)
{
    public const string List = "eng/tidy/arrows.txt";

    public static Arrows Parse(SourceFile file) => new(file.Lines
        .Where(l => l.Contains("->", StringComparison.Ordinal) && l[0] != '#')
        .Select(l => l.Split("->", StringSplitOptions.TrimEntries))
        .ToDictionary(l => l[0], l => l[1].Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)));

    public IEnumerable<Finding> CheckProject(SourceFile project)
    {
        var from = Path.GetFileNameWithoutExtension(project.Path);
        var items = XDocument.Parse(project.Text).Descendants();
        var projects = items.Where(e => e.Name.LocalName == "ProjectReference").Select(e => Path.GetFileNameWithoutExtension(e.Attribute("Include")!.Value.Replace('\\', '/')));
        var packages = items.Where(e => e.Name.LocalName == "PackageReference").Select(e => e.Attribute("Include")!.Value);
        return Check(from, project.In("src") ? projects.Concat(packages) : projects).Select(m => project.At(1, m));
    }

    public IEnumerable<Finding> CheckCompiled(string name, IEnumerable<string> references) =>
        Check(name, references.Where(r => !IsPlatform(r))).Select(m => new Finding(List, 1, "compiled: " + m));

    public static IReadOnlyList<string> ReferencesOf(string dll)
    {
        using var file = new PEReader(File.OpenRead(dll));
        var reader = file.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(h => reader.GetString(reader.GetAssemblyReference(h).Name))];
    }

    private IEnumerable<string> Check(string from, IEnumerable<string> to)
    {
        if (!allowed.TryGetValue(from, out var targets))
        {
            return [$"{from} has no line in {List}: say what it may reference."];
        }

        return to.Where(t => !targets.Any(a => Matches(a, t))).Select(t => $"{from} -> {t} is not in {List}. Is the arrow wanted? Then it belongs there and in docs/ARCHITECTURE.md.");
    }

    private static bool Matches(string pattern, string name) =>
        pattern == name || (pattern.EndsWith('*') && name.StartsWith(pattern[..^1], StringComparison.Ordinal));

    private static bool IsPlatform(string assembly) =>
        assembly is "netstandard" or "mscorlib" || assembly.StartsWith("System.", StringComparison.Ordinal) || assembly == "System";
}
