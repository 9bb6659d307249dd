using System.Text.RegularExpressions;
using Millpond.Journals;

namespace Millpond.Postgres;

/// <summary>Where a keyspace's journal is kept in a PostgreSQL database, and what its acknowledgements survive.</summary>
public sealed record PostgresJournalOptions
{
    /// <summary>The database, as Npgsql's connection string: on the primary. An append waits for at most its <c>Command Timeout</c>. Required.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>The table: small letters, digits and <c>_</c>, at most 40, with its schema before a dot where there is one. The same in every process of the keyspace, and of that keyspace alone. Beside it are two of the same name with <c>_head</c> and <c>_lead</c>.</summary>
    public required string Table { get; init; }

    /// <summary>
    /// What an acknowledgement must survive; required. <see cref="JournalSurvival.ProcessDeath"/>: this process's end, and the server's, as far as its machine stays up. <see cref="JournalSurvival.PowerLoss"/>: also the loss of power; needs <c>fsync</c> and <c>full_page_writes</c>, as they are by default.
    /// <see cref="JournalSurvival.MachineLoss"/>: also the loss of the primary; needs <c>synchronous_standby_names</c>. A server that is not set up for it is refused (MP1408).
    /// </summary>
    public required JournalSurvival Survives { get; init; }

    /// <summary>After how long without a sign of life another instance may flush. Default 10 s; 1 s to 5 min.</summary>
    public TimeSpan LeadTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What is kept of records that are settled, in a table of the same name with <c>_trail</c>, and one with <c>_trail_head</c>. Each settled record costs an insert and two entries of indexes. Default: nothing is kept.</summary>
    public TrailOptions? Trail { get; init; }

    internal bool Asks(JournalSurvival survival) => (Survives & survival) != 0;

    internal PostgresJournalOptions Checked()
    {
        LeasedJournalRules.Check(
            "in PostgreSQL",
            Survives,
            LeadTime,
            Trail,
            (!string.IsNullOrWhiteSpace(ConnectionString), "it has no connection string"),
            (Regex.IsMatch(Table ?? "", "^([a-z_][a-z0-9_]{0,39}\\.)?[a-z_][a-z0-9_]{0,39}$", RegexOptions.CultureInvariant), $"{nameof(Table)} is '{Table}', it must be small letters, digits and '_', at most 40, with or without a schema"));
        return this;
    }
}
