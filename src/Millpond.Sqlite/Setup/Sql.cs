using Microsoft.Data.Sqlite;

namespace Millpond.Sqlite.Setup;

/// <summary>Small statements.</summary>
internal static class Sql
{
    // SQLITE_BUSY and SQLITE_LOCKED: somebody else writes.
    public static bool IsBusy(SqliteException failure) => failure.SqliteErrorCode is 5 or 6;

    /// <summary>Does something in a transaction that writes from its beginning, so that nothing changes between what is looked at and what is made of it.</summary>
    public static T Within<T>(SqliteConnection connection, Func<T> work)
    {
        Run(connection, "BEGIN IMMEDIATE");
        try
        {
            var made = work();
            Run(connection, "COMMIT");
            return made;
        }
        catch (Exception)
        {
            Run(connection, "ROLLBACK");
            throw;
        }
    }

    public static void Run(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    public static T? Ask<T>(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar() is { } value and not DBNull ? (T)Convert.ChangeType(value, typeof(T), System.Globalization.CultureInfo.InvariantCulture) : default;
    }

    public static List<T> AskAll<T>(SqliteConnection connection, string text, Func<SqliteDataReader, T> read)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        using var reader = command.ExecuteReader();
        List<T> found = [];
        while (reader.Read())
        {
            found.Add(read(reader));
        }

        return found;
    }
}
