namespace Catalog.Tests;

/// <summary>A folder of one test's own; holds the fixture lists, and on demand the database made of them.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    static TemporaryFolder() => SQLitePCL.Batteries_V2.Init();

    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("catalog-tests-").FullName;

    public string Path { get; }

    public static string Fixtures => System.IO.Path.Combine(AppContext.BaseDirectory, "Fixtures", "lists");

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public void CopyLists()
    {
        Directory.CreateDirectory(In("lists"));
        foreach (string file in Directory.EnumerateFiles(Fixtures))
        {
            File.Copy(file, System.IO.Path.Combine(In("lists"), System.IO.Path.GetFileName(file)));
        }
    }

    /// <summary>Imports the fixture lists and returns the database's path.</summary>
    public string Database()
    {
        CopyLists();
        return Catalog.Data.DataSet.Ensure(Path, TextWriter.Null);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
