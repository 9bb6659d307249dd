using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Catalog.Database;

/// <summary>
/// The system of record: an SQLite file behind a small pool of connections. Whoever finds no free connection waits for one, as
/// with any database, and gives up after <see cref="PoolWaitMax"/>.
/// </summary>
internal sealed class CatalogDatabase(string path, SourceSwitch source) : IDisposable
{
    /// <summary>A usual size of a pool. With every query 300 ms slower it still passes some 200 of them a second.</summary>
    public const int ConnectionsMax = 64;

    public static readonly TimeSpan PoolWaitMax = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _permits = new(ConnectionsMax);
    private readonly SemaphoreSlim _writer = new(1);
    private readonly ConcurrentBag<PooledConnection> _idle = [];

    public SourceSwitch Source { get; } = source;

    /// <summary>Runs one query and reads its rows.</summary>
    /// <exception cref="DatabaseUnavailableException">The database is stopped, or no connection came free in time.</exception>
    public async ValueTask<List<T>> QueryAsync<T>(
        QueryKind kind, string sql, object[] values, Func<SqliteDataReader, T> read, CancellationToken cancellation)
    {
        PooledConnection connection = await RentAsync(cancellation);
        try
        {
            await Source.EnterAsync(kind, cancellation);
            return Rows(connection.Command(sql, values), read);
        }
        finally
        {
            Return(connection);
        }
    }

    /// <summary>Runs one write. SQLite has one writer at a time; waiting here is kinder than its busy loop.</summary>
    /// <exception cref="DatabaseUnavailableException">The database is stopped, or no connection came free in time.</exception>
    public async ValueTask WriteAsync(string sql, object[] values, CancellationToken cancellation)
    {
        PooledConnection connection = await RentAsync(cancellation);
        try
        {
            // Slowness is the way to the database, not the work in it: it must not be spent while holding the only writer's place.
            await Source.EnterAsync(QueryKind.Write, cancellation);
            await _writer.WaitAsync(cancellation);
            try
            {
                connection.Command(sql, values).ExecuteNonQuery();
            }
            finally
            {
                _writer.Release();
            }
        }
        finally
        {
            Return(connection);
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out PooledConnection? connection))
        {
            connection.Dispose();
        }

        _permits.Dispose();
        _writer.Dispose();
    }

    private async ValueTask<PooledConnection> RentAsync(CancellationToken cancellation)
    {
        if (!await _permits.WaitAsync(PoolWaitMax, cancellation))
        {
            throw new DatabaseUnavailableException(
                $"No connection came free within {PoolWaitMax.TotalSeconds:0} s: all {ConnectionsMax} are busy.");
        }

        try
        {
            return _idle.TryTake(out PooledConnection? idle) ? idle : new PooledConnection(path);
        }
        catch
        {
            _permits.Release();
            throw;
        }
    }

    private void Return(PooledConnection connection)
    {
        _idle.Add(connection);
        _permits.Release();
    }

    private static List<T> Rows<T>(SqliteCommand command, Func<SqliteDataReader, T> read)
    {
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
