using System.Buffers;
using System.Data.Common;
using Millpond.Feeds;
using Millpond.Postgres.Outboxes;

namespace Millpond;

/// <summary>An outbox in a PostgreSQL database, version 14 or later. <c>AddPostgresOutbox</c> drains it.</summary>
public sealed class PostgresOutbox : Outbox
{
    private const int NameLengthMax = 50;
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>An outbox by the name of the feed that drains it.</summary>
    /// <param name="feed">The feed's name.</param>
    /// <param name="table">The table, with its schema if it is not found without: lower-case letters, digits and underscores, each part 1 to 50. Null for <c>millpond_</c> and the feed's name.</param>
    /// <exception cref="MillpondException">MP1001: the table's name is none of that kind.</exception>
    public PostgresOutbox(string feed, string? table = null)
        : base(feed, Checked(table ?? "millpond_" + feed.Replace('-', '_').Replace('.', '_')), "public")
    {
    }

    /// <summary>
    /// Whether a commit wakes the feed (<c>NOTIFY</c>); if not, the feed finds the rows within <c>PostgresOutboxOptions.PollPeriod</c>. Default true. PostgreSQL lets only one commit with a notice through at a time, its flush included, so turn it off where
    /// many connections write to the outbox at once, and where transactions are prepared (two-phase commit), which may have none.
    /// </summary>
    public bool SendsNotices { get; init; } = true;

    /// <inheritdoc/>
    /// <remarks>The number of the transaction, which the feed tells by whether it has read a row, is the database's own; nobody writes it.</remarks>
    public override string CreateScript =>
        $"""
        CREATE TABLE IF NOT EXISTS {Table} (
            xid xid8 NOT NULL DEFAULT pg_current_xact_id(), id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
            tbl text NOT NULL, kind text NOT NULL, old text, new text, PRIMARY KEY (xid, id));
        CREATE TABLE IF NOT EXISTS {State} (history text NOT NULL, confirmed bigint NOT NULL);
        """;

    internal string State => Table + "_state";

    internal string Channel => Table.Replace('.', '_');

    // One statement however many rows there are. The notice is the transaction's: nobody is woken for what is rolled back, and once for what is written in several statements.
    private string Insert =>
        $"insert into {Table} (tbl, kind, old, new) select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])" is var insert && SendsNotices
            ? $"with added as ({insert} returning 1) select pg_notify('{Channel}', '') from added limit 1"
            : insert;

    private protected override IEnumerable<DbCommand> NewCommands(DbConnection connection, IReadOnlyList<RowChange> changes)
    {
        var command = connection.CreateCommand();
        command.CommandText = Insert;
        Add(changes.Select(change => change.Table));
        Add(changes.Select(change => KindLetters[(int)change.Kind].ToString()));
        Add(changes.Select(change => RowJson.Write(change.Old)));
        Add(changes.Select(change => RowJson.Write(change.New)));
        yield return command;

        void Add(IEnumerable<string?> column)
        {
            var parameter = command.CreateParameter();
            parameter.Value = column.ToArray();
            command.Parameters.Add(parameter);
        }
    }

    private static string Checked(string table)
    {
        var parts = table.Split('.');
        return parts.Length <= 2 && parts.All(part => part.Length is > 0 and <= NameLengthMax && part.AsSpan().IndexOfAnyExcept(NameCharacters) < 0) ? table : throw new MillpondException(
            ErrorCode.InvalidConfiguration,
            $"an outbox cannot be the table '{table}'. Use lower-case letters, digits and underscores, at most {NameLengthMax} for the table and for its schema.");
    }
}
