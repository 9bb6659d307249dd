using Millpond.Journals;
using Npgsql;

namespace Millpond.Postgres.Journals;

/// <summary>Says in the words of the contract what went wrong.</summary>
internal static class JournalFaults
{
    public static JournalException Unfit(string table, string what, Exception? inner = null) => new(JournalFailure.Unfit, $"The journal in {table} cannot be kept there: {what}", inner);

    /// <summary>Of a statement that was sent: the server's own refusal is certain, unless it was ending, or was told to stop waiting.</summary>
    public static JournalException Of(string table, NpgsqlException failure) => failure is PostgresException refusal && refusal.SqlState[..2] is not ("57" or "08")
        ? new(JournalFailure.Refused, $"The database refused the journal's step on {table}: {refusal.MessageText} ({refusal.SqlState}). Nothing of it was taken.", failure)
        : new(JournalFailure.OutcomeUnknown, $"The database did not answer the journal's step on {table}, so it is not known whether it was made: {failure.Message}", failure);

    /// <summary>Of an opening: a login or a database that there is not, or a right that is missing, stays so; a server that is away, or just starting, is asked again.</summary>
    public static JournalException NotOpened(string table, JournalException failure) =>
        failure.InnerException is PostgresException { SqlState: var state } && (state.StartsWith("28", StringComparison.Ordinal) || state is "3D000" or "42501")
            ? Unfit(table, failure.Message, failure)
            : new(JournalFailure.Refused, $"The journal in {table} cannot be opened now: {failure.Message}", failure);

    /// <summary>Of a connection that could not be made: nothing was sent.</summary>
    public static JournalException Away(string table, Exception failure) =>
        new(JournalFailure.Refused, $"The database of the journal in {table} could not be reached: {failure.Message} Nothing was taken.", failure);
}
