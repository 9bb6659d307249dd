namespace Millpond.Feeds.Rules;

/// <summary>What is known of a rule without its keyspace's key type.</summary>
/// <param name="Feed">The feed it is for; null for every one.</param>
/// <param name="Table">The table.</param>
/// <param name="Columns">Every column that it reads, each once.</param>
/// <param name="RowsMax">From how many rows of one transaction on they are not told apart.</param>
internal sealed record RuleShape(string? Feed, string Table, IReadOnlyList<string> Columns, int RowsMax);
