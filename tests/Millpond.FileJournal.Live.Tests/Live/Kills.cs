using Microsoft.Data.Sqlite;

namespace Millpond.FileJournal.Live.Tests.Live;

/// <summary>A program that writes behind into SQLite is killed (-9) in the midst of it, again and again (I6).</summary>
public sealed class Kills : IDisposable
{
    private const int Writers = 16;

    private readonly string _folder = Directory.CreateTempSubdirectory("millpond-kills-").FullName;

    public Kills()
    {
        SQLitePCL.Batteries_V2.Init();
        Ask(
            "PRAGMA journal_mode = wal; CREATE TABLE notes (id INTEGER PRIMARY KEY, note INTEGER NOT NULL); CREATE TABLE views (id INTEGER PRIMARY KEY, hits INTEGER NOT NULL); CREATE TABLE told (id INTEGER NOT NULL, note INTEGER NOT NULL);"
            + "CREATE TRIGGER notes_made AFTER INSERT ON notes BEGIN INSERT INTO told VALUES (new.id, new.note); END; CREATE TRIGGER notes_changed AFTER UPDATE ON notes BEGIN INSERT INTO told VALUES (new.id, new.note); END",
            SqliteOpenMode.ReadWriteCreate);
    }

    private string Database => Path.Combine(_folder, "source.db");

    [Fact]
    public async Task Every_acknowledged_write_and_increment_is_in_the_database_in_order_and_once()
    {
        var worker = new Worker(_folder, Database);
        for (var life = 0; life < 6; life++)
        {
            // Values rise over the lives: what a dead one had begun is below what the next one begins with.
            await worker.RunAndKillAsync(from: (life + 1) * 1_000_000, Writers, acknowledgements: 400);
        }

        await worker.FlushAsync();
        Assert.Empty(worker.Complaints);
        Assert.Equal(Writers, worker.Acknowledged.Count);
        foreach (var key in worker.Acknowledged.Keys)
        {
            Assert.InRange(Ask($"SELECT hits FROM views WHERE id = {key}"), worker.Acknowledged[key], worker.Begun[key]);
            Assert.InRange(Ask($"SELECT note FROM notes WHERE id = {key}"), worker.NewestAcknowledged[key], worker.NewestBegun[key]);
        }

        // What a trigger was told in order: a value that came twice, or after a newer one, would be here.
        Assert.Equal(0, Ask("SELECT count(*) FROM told newer JOIN told older ON newer.id = older.id AND newer.rowid > older.rowid WHERE newer.note <= older.note"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private long Ask(string sql, SqliteOpenMode mode = SqliteOpenMode.ReadWrite)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Database, Mode = mode, Pooling = false, DefaultTimeout = 20 }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is long number ? number : 0;
    }
}
