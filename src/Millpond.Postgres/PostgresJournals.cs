using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millpond.Journals;
using Millpond.Postgres.Journals;
using Millpond.Runtime;

namespace Millpond.Postgres;

/// <summary>Journals in a table of a PostgreSQL database, for write-behind of several processes: all of them append and see what is pending, one flushes.</summary>
public static class PostgresJournals
{
    /// <summary>A journal in a database.</summary>
    /// <param name="connectionString">The database, as Npgsql's connection string.</param>
    /// <param name="table">The table, of one keyspace alone; it is made if it is not there.</param>
    /// <param name="survives">What an acknowledgement must survive; see <see cref="PostgresJournalOptions.Survives"/>.</param>
    /// <exception cref="MillpondException">MP1001: the options have faults; the message lists all of them.</exception>
    public static Func<IServiceProvider, IWriteJournal> In(string connectionString, string table, JournalSurvival survives) =>
        With(new PostgresJournalOptions { ConnectionString = connectionString, Table = table, Survives = survives });

    /// <summary>The same with more to say.</summary>
    /// <param name="options">Where and how it is kept.</param>
    /// <exception cref="MillpondException">MP1001: the options have faults; the message lists all of them.</exception>
    public static Func<IServiceProvider, IWriteJournal> With(PostgresJournalOptions options)
    {
        var given = options.Checked();
        return services => new PostgresJournal(
            given, services.GetService<Surroundings>() ?? (services.GetService<TimeProvider>() is { } time ? new Surroundings(time) : Surroundings.Real), services.GetService<ILoggerFactory>());
    }
}
