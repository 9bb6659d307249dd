using Microsoft.Data.Sqlite;

namespace Catalog.Database;

/// <summary>Columns that may be null, and the row that every list of products has.</summary>
internal static class Columns
{
    /// <summary>The columns of <see cref="Line"/>; needs the tables products, platforms, publishers and titles.</summary>
    public const string LineColumns =
        "products.id, products.name, platforms.name, publishers.name, products.year, titles.releases, products.stock > 0";

    public static ProductLine Line(SqliteDataReader row) =>
        new(row.GetInt32(0), row.GetString(1), row.GetString(2), row.GetString(3), row.IntOrNull(4), row.GetInt32(5), row.GetBoolean(6));

    public static string? TextOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static int? IntOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt32(column);
}
