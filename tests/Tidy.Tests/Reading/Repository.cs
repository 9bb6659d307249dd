namespace Tidy.Tests.Reading;

/// <summary>
/// The files of the repository as they lie on disk. Not what git tracks: a file about to be added is judged before it is, and a
/// copy without history is judged all the same.
/// </summary>
internal static class Repository
{
    private static readonly string[] NotOurs = ["bin", "obj", "artifacts", ".git", ".vs", ".idea", "node_modules", "TestResults", ".data"];
    private static readonly string[] TextEndings =
        [".cs", ".md", ".txt", ".sh", ".json", ".csproj", ".props", ".targets", ".slnx", ".yml", ".yaml", ".js", ".ts", ".css", ".html",
         ".sql", ".config", ".editorconfig", ".gitignore", ".conf", ".toml", ".xml", ""];

    // Beyond this a file is data, not text that somebody wrote.
    private const int TextBytesMax = 1 << 20;

    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<SourceFile> Files { get; } = [.. Walk(Root).OrderBy(f => f.Path, StringComparer.Ordinal)];

    public static IEnumerable<SourceFile> CSharp => Files.Where(f => f.IsCSharp);

    public static IEnumerable<SourceFile> Markdown => Files.Where(f => f.IsMarkdown);

    public static SourceFile? Find(string path) => Files.FirstOrDefault(f => f.Path == path);

    /// <summary>A file, or a folder with something in it: an empty one is not in anybody's copy.</summary>
    public static bool Exists(string path)
    {
        var full = Path.Combine(Root, path);
        return File.Exists(full) || (Directory.Exists(full) && Directory.EnumerateFiles(full, "*", SearchOption.AllDirectories).Any());
    }

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Millpond.slnx")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException("Millpond.slnx is in no folder above the tests.");
    }

    private static IEnumerable<SourceFile> Walk(string folder)
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            // The file that marks a linked work tree is called .git and holds a machine path.
            if (file.Name != ".git" && TextEndings.Contains(file.Extension) && file.Length < TextBytesMax)
            {
                yield return new SourceFile(Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'), File.ReadAllText(file.FullName));
            }
        }

        foreach (var inner in Directory.EnumerateDirectories(folder))
        {
            if (!NotOurs.Contains(Path.GetFileName(inner)))
            {
                foreach (var file in Walk(inner))
                {
                    yield return file;
                }
            }
        }
    }
}
