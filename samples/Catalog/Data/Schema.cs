using Microsoft.Data.Sqlite;

namespace Catalog.Data;

/// <summary>The tables of the system of record. Indices come last: building them over filled tables is several times faster.</summary>
internal static class Schema
{
    /// <summary>Raised whenever tables or their contents change, so that a database of an older build is imported anew.</summary>
    private const int Version = 1;

    public const string Tables =
        """
        PRAGMA journal_mode = OFF;
        PRAGMA synchronous = OFF;
        CREATE TABLE platforms (id INTEGER PRIMARY KEY, code TEXT NOT NULL, name TEXT NOT NULL);
        CREATE TABLE publishers (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE titles (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE, releases INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE products (
            id INTEGER PRIMARY KEY, platform_id INTEGER NOT NULL, publisher_id INTEGER NOT NULL, title_id INTEGER NOT NULL,
            parent_id INTEGER, code TEXT NOT NULL, name TEXT NOT NULL, year INTEGER, serial TEXT, released TEXT, other_name TEXT,
            developer TEXT, usage TEXT, bytes INTEGER NOT NULL,
            stock INTEGER NOT NULL DEFAULT 10, revision INTEGER NOT NULL DEFAULT 1);
        CREATE TABLE parts (
            product_id INTEGER NOT NULL, position INTEGER NOT NULL, label TEXT NOT NULL, medium TEXT NOT NULL,
            files INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (product_id, position)) WITHOUT ROWID;
        """;

    public static readonly string Indices =
        $"""
        CREATE UNIQUE INDEX platforms_code ON platforms (code);
        CREATE INDEX products_platform ON products (platform_id);
        CREATE INDEX products_title ON products (title_id);
        CREATE INDEX titles_name ON titles (name);
        ANALYZE;
        PRAGMA user_version = {Version};
        """;

    public static bool IsCurrent(string database)
    {
        try
        {
            using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version";
            return command.ExecuteScalar() is long version && version == Version;
        }
        catch (SqliteException)
        {
            // Not a database, or one that was damaged: it is built again from the data set.
            return false;
        }
    }
}
