using System.Diagnostics;
using System.Globalization;

namespace Catalog.Data;

/// <summary>
/// Makes sure that the catalogue's database is there: fetches the data set and imports it on the first start. The database
/// appears under its name only when it is complete, so a start that was interrupted is simply done again.
/// </summary>
internal static class DataSet
{
    /// <summary>Returns the database's path.</summary>
    /// <exception cref="DataSetException">The data set could not be had, or is not what it should be.</exception>
    public static string Ensure(string folder, TextWriter log)
    {
        string database = Path.Combine(folder, "catalog.db");
        if (File.Exists(database) && Schema.IsCurrent(database))
        {
            return database;
        }

        Directory.CreateDirectory(folder);
        string lists = Path.Combine(folder, "lists");
        if (Directory.Exists(lists) && Directory.EnumerateFiles(lists, "*.xml").Any())
        {
            Build(database, $"the lists in {lists}", ListSource.FromFolder(lists), log);
            return database;
        }

        string? package = DebianPackage.Find(folder);
        if (package is null)
        {
            log.WriteLine($"fetching the data set: Debian's package {DebianPackage.Name}, 16 MB");
            package = DebianPackage.Download(folder, log);
        }

        DebianPackage.Open(package, tar =>
        {
            Build(database, Path.GetFileName(package), ListSource.FromTar(tar), log);
            return true;
        });
        return database;
    }

    private static void Build(string database, string origin, IEnumerable<ReleaseList> lists, TextWriter log)
    {
        log.WriteLine($"importing {origin} into SQLite (once)");
        long started = Stopwatch.GetTimestamp();
        string temporary = database + ".importing";
        File.Delete(temporary);
        ImportCounts counts = new Importer(temporary, log).Import(lists);
        if (counts.Products == 0)
        {
            throw new DataSetException($"{origin} holds no software lists; nothing was imported.");
        }

        DeleteBesides(database);
        File.Move(temporary, database, overwrite: true);
        log.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {counts.Products:N0} products, {counts.Parts:N0} parts, {counts.Titles:N0} titles, {counts.Publishers:N0} publishers, "
            + $"{counts.Platforms:N0} platforms in {Stopwatch.GetElapsedTime(started).TotalSeconds:N1} s"));
    }

    /// <summary>The write-ahead log of an older database must not be taken for the new one's.</summary>
    private static void DeleteBesides(string database)
    {
        File.Delete(database + "-wal");
        File.Delete(database + "-shm");
    }
}
