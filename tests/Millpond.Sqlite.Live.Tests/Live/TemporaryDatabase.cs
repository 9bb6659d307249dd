using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Millpond.Sqlite.Live.Tests.Live;

/// <summary>A database in a directory of its own, and another program's connection to it.</summary>
internal sealed class TemporaryDatabase : IDisposable
{
    public const string Table = "things";

    private readonly string _directory = Directory.CreateTempSubdirectory("millpond-sqlite-").FullName;

    public TemporaryDatabase(string journal = "wal")
    {
        using var connection = Open(SqliteOpenMode.ReadWriteCreate);
        Run(connection, $"PRAGMA journal_mode = {journal}");
        Run(connection, $"CREATE TABLE {Table}(id INTEGER PRIMARY KEY, grp INTEGER NOT NULL, note TEXT NOT NULL)");
    }

    public string Path => System.IO.Path.Combine(_directory, "shop.db");

    public SqliteConnection Open(SqliteOpenMode mode = SqliteOpenMode.ReadWrite)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Mode = mode, Pooling = false, DefaultTimeout = 20 }.ToString());
        connection.Open();
        return connection;
    }

    public void Run(params string[] statements)
    {
        using var connection = Open();
        foreach (var statement in statements)
        {
            Run(connection, statement);
        }
    }

    /// <summary>Types statements into the program sqlite3, which has another SQLite than this process.</summary>
    public async Task ShellAsync(string statements)
    {
        using var shell = Process.Start(new ProcessStartInfo("sqlite3", ["-bail", "-cmd", ".timeout 20000", Path, statements]))!;
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, shell.ExitCode);
    }

    public void KeepCopy()
    {
        Run("PRAGMA wal_checkpoint(TRUNCATE)");
        File.Copy(Path, Path + ".copy");
    }

    /// <summary>Nobody has the database open.</summary>
    public void RestoreCopy()
    {
        File.Delete(Path + "-wal");
        File.Delete(Path + "-shm");
        File.Copy(Path + ".copy", Path, overwrite: true);
    }

    public void DeleteLocks()
    {
        foreach (var file in Directory.GetFiles(_directory, "*.lock"))
        {
            File.Delete(file);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static void Run(SqliteConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        command.ExecuteNonQuery();
    }
}
