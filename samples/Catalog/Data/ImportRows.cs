using Microsoft.Data.Sqlite;

namespace Catalog.Data;

/// <summary>One prepared insert per table, its parameters reused for every row.</summary>
internal sealed class ImportRows(SqliteConnection connection, SqliteTransaction transaction) : IDisposable
{
    private readonly SqliteCommand _platform = Insert(connection, transaction, "platforms (id, code, name)", 3);
    private readonly SqliteCommand _publisher = Insert(connection, transaction, "publishers (id, name)", 2);
    private readonly SqliteCommand _title = Insert(connection, transaction, "titles (id, name)", 2);
    private readonly SqliteCommand _product = Insert(connection, transaction,
        "products (id, platform_id, publisher_id, title_id, parent_id, code, name, year, serial, released, other_name, developer, usage, bytes)", 14);
    private readonly SqliteCommand _part = Insert(connection, transaction, "parts (product_id, position, label, medium, files, bytes)", 6);

    public void Platform(int id, ReleaseList list) => Run(_platform, id, list.Code, list.Description);

    public void Publisher(int id, string name) => Run(_publisher, id, name);

    public void Title(int id, string name) => Run(_title, id, name);

    public void Product(int id, int platform, int publisher, int title, int? parent, Release release) =>
        Run(_product, id, platform, publisher, title, parent, release.Code, release.Name, release.Year, release.Serial,
            release.Released, release.OtherName, release.Developer, release.Usage, release.Bytes);

    public void Part(int product, int position, ReleasePart part) =>
        Run(_part, product, position, part.Label, part.Medium, part.Files, part.Bytes);

    public void Dispose()
    {
        _platform.Dispose();
        _publisher.Dispose();
        _title.Dispose();
        _product.Dispose();
        _part.Dispose();
    }

    private static SqliteCommand Insert(SqliteConnection connection, SqliteTransaction transaction, string into, int columns)
    {
        SqliteCommand command = connection.CreateCommand();
        command.Transaction = transaction;
        string[] names = [.. Enumerable.Range(0, columns).Select(index => $"$p{index}")];
        command.CommandText = $"INSERT INTO {into} VALUES ({string.Join(", ", names)})";
        foreach (string name in names)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (int index = 0; index < values.Length; index++)
        {
            command.Parameters[index].Value = values[index] ?? DBNull.Value;
        }

        command.ExecuteNonQuery();
    }
}
