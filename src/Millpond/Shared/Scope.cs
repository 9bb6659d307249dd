namespace Millpond.Shared;

/// <summary>
/// Names what a floor stands for. Tags and tenants share the floors of a partition, so their names are kept apart by their first
/// character; the keyspace itself has a floor of its own.
/// </summary>
public static class Scope
{
    /// <summary>The floor of the whole keyspace.</summary>
    public const string Keyspace = "*";

    /// <summary>A scope that every entry of the keyspace carries: raising it says that any of them may be stale. They are kept as stale ones, whatever the policy leaves after an invalidation, so that a
    /// doubt about everything is not a loss of everything (rule 12).</summary>
    public const string Doubt = "?";

    /// <summary>The scope of a tag.</summary>
    /// <param name="tag">The tag as the application names it.</param>
    public static string Tag(string tag) => "#" + tag;

    /// <summary>The scope of a tenant.</summary>
    /// <param name="tenant">The tenant as the application names it.</param>
    public static string Tenant(string tenant) => "@" + tenant;
}
