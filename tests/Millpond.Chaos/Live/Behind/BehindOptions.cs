namespace Millpond.Chaos.Live.Behind;

/// <summary>What a campaign of write-behind is.</summary>
internal sealed record BehindOptions
{
    public static IReadOnlyList<string> Journals { get; } = ["files", "redis", "postgres"];

    public static IReadOnlyList<string> Databases { get; } = ["sqlite", "postgres"];

    public int Seed { get; init; } = 1;

    /// <summary>For how long accidents happen.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>One of <see cref="Journals"/>.</summary>
    public string Journal { get; init; } = "redis";

    /// <summary>One of <see cref="Databases"/>.</summary>
    public string Database { get; init; } = "postgres";

    public int Workers { get; init; } = 3;

    /// <summary>Only accidents whose name contains this.</summary>
    public string Only { get; init; } = "";

    /// <summary>Between two accidents, at most.</summary>
    public TimeSpan CalmMax { get; init; } = TimeSpan.FromSeconds(1.5);
}
