namespace Millpond.Telemetry;

/// <summary>The names of tags, the same on metrics and spans. Their values come from fixed sets, from declared names, or from types of errors: never from keys or values.</summary>
internal static class TagNames
{
    public const string Cache = "millpond.cache";
    public const string Keyspace = "millpond.keyspace";
    public const string Feed = "millpond.feed";
    public const string Source = "millpond.source";
    public const string Tier = "millpond.tier";
    public const string Freshness = "millpond.freshness";
    public const string Negative = "millpond.negative";
    public const string Reason = "millpond.reason";
    public const string Priority = "millpond.priority";
    public const string State = "millpond.state";
    public const string Cause = "millpond.cause";
    public const string Scope = "millpond.scope";
    public const string Origin = "millpond.origin";
    public const string Operation = "millpond.operation";
    public const string Event = "millpond.event";
    public const string Result = "millpond.result";
    public const string LoadKeys = "millpond.load.keys";
    public const string LoadFound = "millpond.load.found";
    public const string LoadOutcome = "millpond.load.outcome";
    public const string WriteKind = "millpond.write.kind";
    public const string RefreshCause = "millpond.refresh.cause";

    /// <summary>By OpenTelemetry's convention: only where something failed.</summary>
    public const string ErrorType = "error.type";

    /// <summary>The error's stable code if it has one; else its type, which is a set that the program's code bounds.</summary>
    public static string ErrorTypeOf(Exception failure) => failure switch
    {
        MillpondException known => $"MP{(int)known.Code}",
        _ => failure.GetType().FullName ?? failure.GetType().Name,
    };

    /// <summary>A member's name as tags spell it: <c>ScopeInvalidated</c> becomes <c>scope_invalidated</c>.</summary>
    public static string Snake<T>(T member)
        where T : struct, Enum =>
        string.Concat(member.ToString().Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "_") + char.ToLowerInvariant(c) : c.ToString()));
}
