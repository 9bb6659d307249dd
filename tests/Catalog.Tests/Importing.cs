using Catalog.Data;

namespace Catalog.Tests;

public sealed class Importing : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_counts_are_those_of_the_lists()
    {
        var importer = new Importer(_folder.In("counted.db"), TextWriter.Null);

        ImportCounts counts = importer.Import(ListSource.FromFolder(TemporaryFolder.Fixtures));

        // "weir software" and "Weir Software" are one publisher; the three releases of the frogs are one title.
        Assert.Equal(new ImportCounts(Platforms: 2, Publishers: 3, Titles: 3, Products: 5, Parts: 6), counts);
    }

    [Fact]
    public void A_second_start_imports_nothing()
    {
        string database = _folder.Database();
        DateTime written = File.GetLastWriteTimeUtc(database);
        Directory.Delete(_folder.In("lists"), recursive: true);

        Assert.Equal(database, DataSet.Ensure(_folder.Path, TextWriter.Null));
        Assert.Equal(written, File.GetLastWriteTimeUtc(database));
    }

    [Fact]
    public void An_import_that_was_interrupted_is_done_again()
    {
        File.WriteAllText(_folder.In("catalog.db.importing"), "half a database");

        string database = _folder.Database();

        Assert.True(Schema.IsCurrent(database));
        Assert.False(File.Exists(_folder.In("catalog.db.importing")));
    }

    [Fact]
    public void A_damaged_database_is_built_again()
    {
        File.WriteAllText(_folder.In("catalog.db"), "this is no database, whatever its name says");

        Assert.True(Schema.IsCurrent(_folder.Database()));
    }

    [Fact]
    public void Lists_without_a_single_product_are_refused_and_leave_no_database()
    {
        Directory.CreateDirectory(_folder.In("lists"));
        File.Copy(Path.Combine(TemporaryFolder.Fixtures, "other.xml"), Path.Combine(_folder.In("lists"), "other.xml"));

        DataSetException problem = Assert.Throws<DataSetException>(() => DataSet.Ensure(_folder.Path, TextWriter.Null));

        Assert.Contains("holds no software lists", problem.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.In("catalog.db")));
    }

    public void Dispose() => _folder.Dispose();
}
